"""Which fields of iSaVigne feed which canonical fields, by the names that the reader gives to columns of any dialect.

How they are mapped does not belong here.
"""

from __future__ import annotations

from sync_assets.transforms.feeds import read_feeds

FEEDS = read_feeds("""
    customers
        customer_key           isavigne_clients.client_code
        display_name           isavigne_clients.name
        first_name             isavigne_clients.name isavigne_clients.first_name
        last_name              isavigne_clients.name
        is_company             isavigne_clients.name
        email                  isavigne_clients.email
        phone                  isavigne_clients.phone
        mobile                 isavigne_clients.mobile
        zip_code               isavigne_clients.zip_code
        city                   isavigne_clients.city
        country                isavigne_clients.country
        email_opt_out          isavigne_clients.email_opt_out isavigne_clients.email_opt_in
        sms_opt_out            isavigne_clients.sms_opt_out isavigne_clients.sms_opt_in
        phone_opt_out          isavigne_clients.phone_opt_out isavigne_clients.phone_opt_in
    product_catalog
        product_key            isavigne_produits.product_key
        name                   isavigne_produits.name
        category               isavigne_produits.colour isavigne_produits.family isavigne_produits.subfamily isavigne_produits.macro_category
        list_price             isavigne_produits.list_price
        list_price_untaxed     isavigne_produits.list_price_untaxed
        cost_price             isavigne_produits.cost_price
        grape_varieties        isavigne_produits.grapes
        vintage                isavigne_produits.vintage
        region                 isavigne_produits.region
        volume_cl              isavigne_produits.format
        active                 isavigne_produits.active
    sales_lines
        sale_line_key          isavigne_ventes.line_no isavigne_ventes.date
        customer_key           isavigne_ventes.client_code
        product_key            isavigne_ventes.product_key isavigne_ventes.product_label
        date_sale              isavigne_ventes.date
        quantity_units         isavigne_ventes.quantity
        unit_label             isavigne_ventes.unit
        price_unit             isavigne_ventes.unit_price
        price_unit_untaxed     isavigne_ventes.unit_price_untaxed
        price_total            isavigne_ventes.amount isavigne_ventes.unit_price isavigne_ventes.amount_untaxed isavigne_ventes.unit_price_untaxed
        price_total_untaxed    isavigne_ventes.amount_untaxed isavigne_ventes.unit_price_untaxed isavigne_ventes.vat_rate
        order_id               isavigne_ventes.document_no
        document_type          isavigne_ventes.document_type
        channel                isavigne_ventes.channel
    stock_levels
        product_key            isavigne_stock.product_key
        warehouse              isavigne_stock.depot
        quantity_units         isavigne_stock.quantity
        unit_label             isavigne_stock.unit
        reserved_qty           isavigne_stock.reserved
        last_count_date        isavigne_stock.date
    contact_history
        customer_key           isavigne_contacts.client_code
        date_contact           isavigne_contacts.date
        channel                isavigne_contacts.channel
        campaign               isavigne_contacts.campaign
        subject                isavigne_contacts.subject
        status                 isavigne_contacts.status
        product_key_suggested  isavigne_contacts.product_key
        response_details       isavigne_contacts.response_details
""")
