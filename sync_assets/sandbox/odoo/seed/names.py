"""Invented names of people, places and goods.

Which record gets which name belongs to the other modules of this package.
"""

from __future__ import annotations

FIRST_NAMES = [
    "Aurélie",
    "Benoît",
    "Célestine",
    "Damien",
    "Élodie",
    "Fabrice",
    "Gaëlle",
    "Hervé",
    "Inès",
    "Jérôme",
    "Katell",
    "Loïc",
    "Maëlle",
    "Noé",
    "Océane",
    "Pascal",
    "Quitterie",
    "Rémi",
    "Solène",
    "Théo",
    "Ursule",
    "Valère",
    "Wilfried",
    "Xavière",
    "Yoann",
    "Zélie",
    "Anaïs",
    "Basile",
    "Chloé",
    "Désiré",
    "Eugénie",
    "Frédéric",
]

LAST_NAMES = [
    "Aubertin",
    "Béchard",
    "Carlier",
    "Desrosiers",
    "Étienvre",
    "Fauvel",
    "Garrigue",
    "Hénault",
    "Imbert",
    "Jacquemin",
    "Kerbrat",
    "Lacaze",
    "Mérieux",
    "Noël",
    "Ozanne",
    "Périchon",
    "Quesnel",
    "Roubaud",
    "Sénéchal",
    "Thévenot",
    "Urbain",
    "Vauclair",
    "Wagnier",
    "Ythier",
    "Zuccarelli",
    "Barrême",
    "Couderc",
    "Dubreuil",
]

SHOPS = (
    "Restaurant",
    "Brasserie",
    "Cave",
    "Épicerie",
    "Hôtel",
    "Bistrot",
    "Traiteur",
    "Auberge",
    "Caviste",
    "Comptoir",
    "Halle",
    "Relais",
)

SIGNS = (
    "des Acacias",
    "du Vieux Port",
    "de l'Écluse",
    "Saint-Éloi",
    "des Tilleuls",
    "du Lièvre Bleu",
    "de la Tour Penchée",
    "Montclair",
    "des Trois Fontaines",
    "du Grand Chêne",
    "Aux Hirondelles",
    "de la Garenne",
    "Belle-Étoile",
    "du Moulin Brûlé",
    "Val d'Ambre",
    "des Chartreux",
    "de l'Anse",
    "du Héron",
    "Sœurs Lambrec",
    "de la Gare d'Eau",
    "du Pré Fleuri",
    "L'Œuf & le Vin",
    "Chez Maïté",
    "de la Cour Ronde",
    "des Remparts",
    "du Passeur",
    "Noir & Ébène",
    "de la Petite Île",
)

CITIES = (
    ("Bordeaux", "33000"),
    ("Lyon", "69002"),
    ("Nantes", "44000"),
    ("Besançon", "25000"),
    ("Béziers", "34500"),
    ("Orléans", "45000"),
    ("Sète", "34200"),
    ("Évreux", "27000"),
    ("Périgueux", "24000"),
    ("Saint-Étienne", "42000"),
)

STREETS = (
    "rue des Lilas",
    "quai de la Paix",
    "place du Marché",
    "avenue des Frênes",
    "chemin de l'Étang",
    "impasse du Puits",
)

# Numbers of the ranges that are never given out.
PHONE_FORMATS = (
    "+33 5 36 49 {0:02d} {1:02d}",
    "05 36 49 {0:02d} {1:02d}",
    "05.36.49.{0:02d}.{1:02d}",
    "053649{0:02d}{1:02d}",
    "+3353649{0:02d}{1:02d}",
    "06 39 98 {0:02d} {1:02d}",
    "01 99 00 {0:02d} {1:02d} (bureau)",
    "0033 1 99 00 {0:02d} {1:02d}",
)

ESTATES = (
    "Domaine de la Combe Claire",
    "Château Hautes-Pierres",
    "Mas des Étourneaux",
    "Clos Sainte-Aurore",
    "Domaine Verchère",
    "Château Lagrave-Besse",
    "Cave des Deux Rives",
    "Domaine du Puech Noir",
    "Maison Orsanne",
    "Clos de l'Abbesse",
    "Vignobles Tarquin",
    "Château Brémond",
)

WINES = (
    ("Vieilles Vignes", "red"),
    ("Cuvée Réserve", "red"),
    ("Blanc de Galets", "white"),
    ("Blanc Tendre", "white"),
    ("Rosé d'Été", "rose"),
    ("Brut Nature", "sparkling"),
    ("Grande Garde", "red"),
)

SPIRITS = (
    "Eau-de-vie de Poire",
    "Fine Ambrée 10 ans",
    "Gin des Dunes",
    "Liqueur de Verveine",
    "Marc du Vigneron",
    "Rhum Vieux",
    "Absinthe",
    "Pastis Fermier",
)

FOODS = (
    ("Huile d'olive vierge", "oil"),
    ("Huile de noix", "oil"),
    ("Vinaigre de xérès", "oil"),
    ("Moutarde à l'ancienne", "oil"),
    ("Terrine de campagne", "preserve"),
    ("Rillettes d'oie", "preserve"),
    ("Sardines millésimées", "preserve"),
    ("Cassoulet", "preserve"),
    ("Confiture de figues", "sweet"),
    ("Calissons", "sweet"),
    ("Nougat tendre", "sweet"),
    ("Miel de châtaignier", "sweet"),
)
MAKERS = ("Maison Orsanne", "Ferme des Étourneaux", "Atelier Brémond")
