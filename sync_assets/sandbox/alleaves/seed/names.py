"""Invented names of people, brands, vendors, strains and places.

Which row gets which name belongs to the other modules of this package.
"""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Alma", "Amos", "Björn", "Bram", "Cleo", "Cora", "Dario", "Dov", "Edda", "Elif", "Enzo", "Esmé", "Faye",
    "Finn", "Gia", "Hale", "Hugo", "Ines", "Ivo", "Jada", "Jonas", "José", "Juno", "Kai", "Kira", "Lars", "Leda", "Lior",
    "Luz", "Mabel", "Maël", "Mira", "Nadia", "Nico", "Noor", "Odin", "Opal", "Otto", "Pia", "Quinn", "Ravi", "Renée",
    "Rosa", "Saul", "Selma", "Sören", "Suki", "Tala", "Theo", "Uma", "Vera", "Wade", "Xenia", "Yara", "Zoë", "Łucja",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Alder", "Ashgrove", "Birch", "Blum", "Brightwater", "Calder", "Castañeda", "Dahl", "Delacroix", "Dune",
    "Eastwood", "Elmore", "Farrow", "Fennel", "Garnet", "Goldcrest", "Hale", "Harrow", "Holm", "Ibsen", "Inkwell",
    "Jasper", "Juniper", "Kestrel", "Kovač", "Larkin", "Linde", "Marlow", "Meadows", "Moss", "Müller", "Nightingale",
    "Nørgaard", "O'Dell", "Okafor", "Peppercorn", "Pike", "Quarry", "Quill", "Rainer", "Reed", "Sable", "Sparrow",
    "Stone", "Tamsin", "Thorn", "Umber", "Vale", "Vance", "Wilder", "Winters", "Yarrow", "Yew", "Zeller", "Žižka",
)  # fmt: skip
CITIES = ("Alderbrook", "Cedar Falls", "Fernhill", "Juniper Bay", "Millrace", "Northgate", "Pine Hollow", "Saltmarsh")
BRANDS = (
    "Amber Coast", "Birdsong Farms", "Cloud Nine Co", "Dune & Daughters", "Ember Lane", "Fog Harbor", "Gold Fern",
    "Hillside Botanicals", "Idle Hour", "Jade Canyon", "Kite String", "Lantern Room",
)  # fmt: skip
VENDORS = ("Northgate Distribution", "Saltmarsh Supply", "Cedar Wholesale", "Blue Heron Logistics")
STRAINS = (
    "Blue Fig", "Copper Haze", "Desert Plum", "Early Frost", "Fog Lifter", "Glass Peach", "Harvest Moon", "Ice Lagoon",
    "Jam Session", "Kiln Glow", "Lemon Ledger", "Maple Static", "Night Orchard", "Orange Alley", "Paper Lantern",
    "Quiet Storm", "Ruby Anchor", "Silver Pear", "Tidal Mint", "Velvet Cactus",
)  # fmt: skip
