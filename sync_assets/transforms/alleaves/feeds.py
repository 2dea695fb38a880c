"""Which fields of Alleaves feed which canonical fields; how they are mapped is in the modules beside this one."""

from __future__ import annotations

from sync_assets.transforms.feeds import read_feeds

# Alleaves has no opt-outs, no mobile number and nothing about wine.
FEEDS = read_feeds("""
    customers
        customer_key         alleaves_customers.customer_id
        display_name         alleaves_customers.display_name
        first_name           alleaves_customers.first_name
        last_name            alleaves_customers.last_name
        email                alleaves_customers.email
        phone                alleaves_customers.phone
        city                 alleaves_customers.city
        country              alleaves_locations.country alleaves_locations.location_id
    product_catalog
        product_key          alleaves_inventory.item_id
        name                 alleaves_inventory.name
        category             alleaves_inventory.category alleaves_inventory.item_id
        list_price           alleaves_inventory.price_otd_adult alleaves_inventory.price_otd_medical alleaves_inventory.price_otd_generic
        list_price_untaxed   alleaves_inventory.price_retail_adult alleaves_inventory.price_retail_medical alleaves_inventory.price_retail_generic
        cost_price           alleaves_inventory.cost
        active               alleaves_inventory.item_id
    sales_lines
        sale_line_key        alleaves_order_lines.line_no alleaves_orders.order_id
        customer_key         alleaves_orders.customer_ref alleaves_orders.user_ref alleaves_orders.email
        source_partner_id    alleaves_orders.customer_ref
        product_key          alleaves_order_lines.inventory_item_id alleaves_order_lines.item_id
        date_sale            alleaves_orders.created_at
        quantity_units       alleaves_order_lines.quantity
        price_unit           alleaves_orders.total
        price_unit_untaxed   alleaves_orders.tax
        price_total          alleaves_orders.total
        price_total_untaxed  alleaves_orders.tax
        cost_total           alleaves_inventory.cost
        order_id             alleaves_orders.order_id
        document_type        alleaves_orders.order_id
        channel              alleaves_orders.type
    stock_levels
        product_key          alleaves_inventory.item_id
        warehouse            alleaves_locations.location alleaves_locations.reference
        quantity_units       alleaves_inventory.quantity_on_hand
        reserved_qty         alleaves_inventory.quantity_available
        last_count_date      alleaves_inventory.fetched_at
""")
