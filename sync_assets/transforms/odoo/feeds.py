"""Which fields of Odoo feed which canonical fields; how they are mapped is in the modules beside this one."""

from __future__ import annotations

from sync_assets.transforms.feeds import read_feeds

# Not read, so not here: the blacklists behind the opt-outs, notes of lines.
FEEDS = read_feeds("""
    customers
        customer_key         odoo_partners.id
        display_name         odoo_partners.name
        first_name           odoo_partners.name
        last_name            odoo_partners.name
        is_company           odoo_partners.is_company
        email                odoo_partners.email
        phone                odoo_partners.phone
        mobile               odoo_partners.mobile
        zip_code             odoo_partners.zip
        city                 odoo_partners.city
        country              odoo_partners.country_id
        last_updated         odoo_partners.write_date
    product_catalog
        product_key          odoo_products.default_code odoo_products.id
        name                 odoo_product_templates.name
        category             odoo_product_categories.complete_name odoo_product_templates.name
        list_price           odoo_product_templates.list_price
        list_price_untaxed   odoo_product_templates.list_price
        cost_price           odoo_product_costs.standard_price
        vintage              odoo_product_templates.name
        volume_cl            odoo_product_templates.name
        active               odoo_products.active
        last_updated         odoo_products.write_date odoo_product_templates.write_date
    sales_lines
        sale_line_key        odoo_sale_order_lines.id
        customer_key         odoo_sale_orders.partner_id
        source_partner_id    odoo_sale_orders.partner_id
        product_key          odoo_sale_order_lines.product_id
        date_sale            odoo_sale_orders.date_order
        quantity_units       odoo_sale_order_lines.product_uom_qty
        unit_label           odoo_sale_order_lines.uom_id
        price_unit           odoo_sale_order_lines.price_total
        price_unit_untaxed   odoo_sale_order_lines.price_subtotal
        price_total          odoo_sale_order_lines.price_total
        price_total_untaxed  odoo_sale_order_lines.price_subtotal
        cost_total           odoo_product_costs.standard_price odoo_sale_order_lines.extra
        order_id             odoo_sale_order_lines.order_id
        document_type        odoo_sale_orders.state
        channel              odoo_sale_orders.extra
    stock_levels
        product_key          odoo_quants.product_id
        warehouse            odoo_locations.complete_name
        quantity_units       odoo_quants.quantity
        unit_label           odoo_product_templates.uom_id
        reserved_qty         odoo_quants.reserved_quantity
        last_count_date      odoo_quants.in_date odoo_quants.write_date
""")
