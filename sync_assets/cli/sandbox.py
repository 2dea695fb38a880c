"""The commands of the sandbox: run the stand-ins, ship an order of the demo's shop, compare it with its partner."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer

from sync_assets.cli.app import AsJson, OptionalOrg, app, connections, warehouse
from sync_assets.clock import utc_now
from sync_assets.connections import Org
from sync_assets.display import out, show, show_json
from sync_assets.errors import ConfigurationError
from sync_assets.push import TARGET, stock_of
from sync_assets.settings import get_settings
from sync_assets.warehouse import push

sandbox = typer.Typer(help="The stand-ins for Odoo, the point of sale and a partner's vendor API.")
app.add_typer(sandbox, name="sandbox")


@sandbox.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=1, max=65533, help="First port; default SYNC_ASSETS_SANDBOX_PORT.")
    ] = None,
    version: Annotated[str, typer.Option(help="Odoo version to behave like: 17.0, 18.0 or 19.0.")] = "18.0",
    until_eof: Annotated[bool, typer.Option("--until-eof", hidden=True)] = False,
) -> None:
    """Runs the stand-ins with invented data until Ctrl-C: Odoo, then the point of sale and the vendor API above it."""
    if context.invoked_subcommand is not None:
        return
    from sync_assets.sandbox.alleaves import AlleavesSandbox
    from sync_assets.sandbox.demo import demo_store_since_quarter
    from sync_assets.sandbox.odoo import OdooSandbox
    from sync_assets.sandbox.vendor import VendorSandbox
    from sync_assets.sandbox.vendor.memory import remembered

    if version not in ("17.0", "18.0", "19.0"):
        raise ConfigurationError(f"The sandbox cannot behave like {version}; choose 17.0, 18.0 or 19.0")
    first = port or get_settings().sync_assets_sandbox_port
    store = AlleavesSandbox(store=demo_store_since_quarter(utc_now()), port=first + 1, is_living=True)
    # The last one to listen says that all do.
    partner = VendorSandbox(port=first + 2)
    memory = remembered(partner, get_settings().sync_assets_home / "sandbox_vendor.json")
    with OdooSandbox(version=version, port=first) as odoo, store as pos, memory, partner as vendor:
        out.print(f"Odoo {version} sandbox: {odoo.url}, database {odoo.database}, login {odoo.login}", highlight=False)
        out.print(f"Alleaves sandbox: {pos.url}, username {pos.username}", highlight=False)
        out.print(f"Vendor API sandbox: {vendor.url}, partner {vendor.partner_id}", highlight=False)
        try:
            if until_eof:
                sys.stdin.buffer.read()
                return
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


@sandbox.command("ship")
def ship_command(
    org: OptionalOrg = None,
    sku: Annotated[str | None, typer.Option(help="A SKU to order and ship; else the order open for longest.")] = None,
    quantity: Annotated[int, typer.Option(min=1, help="How many of the SKU.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Ships an order of the demo's shop; while `sync-assets ui` runs, its stock is pushed within a minute."""
    from sync_assets.sandbox.demo import make_demo_shop
    from sync_assets.sandbox.dice import Dice
    from sync_assets.sandbox.shop import one_step, ship

    found = _demo_org(org)
    with warehouse() as opened:
        url = make_demo_shop(opened.url)
        shipped = ship(url, sku, quantity) if sku else one_step(url, Dice(time.time_ns()))
    if as_json:
        show_json({"order_id": shipped.order_id, "taken": shipped.taken, "available": shipped.available})
        return
    rows = [
        {"order": shipped.order_id, "sku": name, "shipped": count, "available_now": shipped.available[name]}
        for name, count in shipped.taken.items()
    ]
    show(rows, False)
    first = next(iter(shipped.taken), "")
    out.print(
        f"While `sync-assets ui` runs, it is pushed within a minute: sync-assets push log {found.org_id} --sku {first}",
        highlight=False,
    )


@sandbox.command()
def stock(
    org: OptionalOrg = None,
    sku: Annotated[str, typer.Option(help="Part of a SKU.")] = "",
    as_json: AsJson = False,
) -> None:
    """What the demo's shop has available, what its partner confirmed, and what the partner holds, side by side."""
    from sync_assets.sandbox.demo import make_demo_shop
    from sync_assets.sandbox.processes import held_by_vendor
    from sync_assets.sources.shop import open_shop

    found = _demo_org(org)
    assert found.sources.shop is not None
    with warehouse() as opened:
        with open_shop(found.sources.shop, make_demo_shop(opened.url), org=found.org_id) as shop:
            available = {variant.sku.strip(): variant.available for variant in shop.stock()}
        with opened.transaction() as connection:
            states = push.states(connection, found.org_id, TARGET)
    held = held_by_vendor(found)

    def row(name: str) -> dict[str, Any]:
        state = states.get(name, {})
        confirmed = state.get("acked_payload")
        return {
            "sku": name,
            "shop": int(available[name]),
            "confirmed": int(stock_of(confirmed)) if confirmed else None,
            "partner": held.get(name),
            "status": state.get("status"),
        }

    rows = [row(name) for name in sorted(available) if name and sku.lower() in name.lower()]
    show(rows, as_json, empty="The shop has no such SKU.")


def _demo_org(org: str | None) -> Org:
    from sync_assets.sandbox.demo import has_demo_shop

    found = connections()
    chosen = [found.org(org)] if org else list(found.active.values())
    shops = [one for one in chosen if has_demo_shop(one)]
    if not shops:
        raise ConfigurationError("No organisation has the demo's shop (sources.shop.database: sandbox_shop)")
    return shops[0]
