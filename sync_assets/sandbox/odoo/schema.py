"""The models and fields the sandbox serves, with the versions of Odoo that have them.

Reading this text belongs to `fields.py`.
"""

# One block per model: `name | app | label | default order`, then one field per line. `@` limits a word, or alone the
# whole field, to some versions: `mobile char @<19`. `price` is rounded to 2 decimals up to 18 and kept as it is from 19.
MODELS = """
res.company | base | Companies | name
name char required
active boolean
parent_id many2one=res.company
partner_id many2one=res.partner required
currency_id many2one=res.currency required
country_id many2one=res.country via=partner_id
vat char via=partner_id
email char

res.currency | base | Currency | name
name char required
symbol char required
rounding float digits=6
decimal_places integer readonly
active boolean
position selection

res.currency.rate | base | Currency Rate | id
name date required
rate float
currency_id many2one=res.currency required readonly
company_id many2one=res.company

res.country | base | Country | name
name char required translate
code char required
currency_id many2one=res.currency
phone_code integer

res.country.state | base | Country state | code
name char required
code char required
country_id many2one=res.country required

res.lang | base | Languages | id
name char required
code char required
active boolean

res.users | base | User | login
name char via=partner_id
email char via=partner_id
lang selection via=partner_id
tz selection via=partner_id
login char required
active boolean
share boolean readonly
partner_id many2one=res.partner required
company_id many2one=res.company required
company_ids many2many=res.company

res.partner.category | base | Partner Tags | name
name char required translate
active boolean

res.partner | base | Contact | complete_name, id desc
name char
complete_name char readonly
active boolean
is_company boolean
company_type selection computed
type selection
parent_id many2one=res.partner
commercial_partner_id many2one=res.partner readonly
child_ids one2many=res.partner:parent_id
ref char
email char
email_normalized char readonly
phone char
mobile char @<19
vat char
company_registry char
street char
street2 char
zip char
city char
state_id many2one=res.country.state
country_id many2one=res.country
website char
function char
lang selection
tz selection
category_id many2many=res.partner.category
user_id many2one=res.users
company_id many2one=res.company
customer_rank integer
supplier_rank integer
comment html
credit monetary computed readonly group=Accounting/Invoicing

uom.category | product@<19 | Product UoM Categories | name
name char required translate

uom.uom | product | Product Unit of Measure | id
name char required translate
active boolean
factor float required@<19 readonly@>=19
rounding float required@<19 computed@>=19 readonly@>=19
category_id many2one=uom.category required @<19
uom_type selection required @<19
relative_factor float required @>=19
relative_uom_id many2one=uom.uom @>=19

product.category | product | Product Category | complete_name
name char required
complete_name char readonly
parent_id many2one=product.category

product.pricelist | product | Pricelist | id
name char required translate
active boolean
currency_id many2one=res.currency required
company_id many2one=res.company

product.template | product | Product | name
name char required translate
active boolean
default_code char
barcode char computed
categ_id many2one=product.category required@<19
detailed_type selection required @17
type selection required@>=18
is_storable boolean @>=18
list_price float price@<19
standard_price float computed price@<19
uom_id many2one=uom.uom required
product_variant_ids one2many=product.product:product_tmpl_id required
product_variant_count integer computed readonly
sale_ok boolean
purchase_ok boolean
tracking selection required app=stock
company_id many2one=res.company

product.product | product | Product Variant | default_code, id
name char required translate via=product_tmpl_id
active boolean
default_code char
barcode char
product_tmpl_id many2one=product.template required
combination_indices char readonly
categ_id many2one=product.category required@<19 via=product_tmpl_id
detailed_type selection required via=product_tmpl_id @17
type selection required@>=18 via=product_tmpl_id
is_storable boolean via=product_tmpl_id @>=18
list_price float price@<19 via=product_tmpl_id
lst_price float computed price@<19
standard_price float price@<19 company_dependent computed@17
currency_id many2one=res.currency computed readonly
uom_id many2one=uom.uom required via=product_tmpl_id
weight float digits=2
volume float digits=2
sale_ok boolean via=product_tmpl_id
purchase_ok boolean via=product_tmpl_id
tracking selection required via=product_tmpl_id app=stock
company_id many2one=res.company via=product_tmpl_id
qty_available float computed readonly@<19 digits=2 app=stock

account.tax | sale | Tax | id
name char required translate
amount float required digits=4
amount_type selection required
type_tax_use selection required
active boolean
company_id many2one=res.company required readonly

crm.team | sale | Sales Team | id
name char required translate
active boolean
company_id many2one=res.company

crm.tag | sale | CRM Tag | id
name char required translate

sale.order | sale | Sales Order | date_order desc, id desc
name char required
state selection readonly
locked boolean
partner_id many2one=res.partner required
partner_invoice_id many2one=res.partner required
partner_shipping_id many2one=res.partner required
date_order datetime required
commitment_date datetime
validity_date date
client_order_ref char
origin char
currency_id many2one=res.currency readonly
pricelist_id many2one=product.pricelist
currency_rate float readonly
amount_untaxed monetary readonly
amount_tax monetary readonly
amount_total monetary readonly
invoice_status selection readonly
delivery_status selection readonly app=stock
user_id many2one=res.users
team_id many2one=crm.team
warehouse_id many2one=stock.warehouse required@17 app=stock
company_id many2one=res.company required
order_line one2many=sale.order.line:order_id
tag_ids many2many=crm.tag
note html

sale.order.line | sale | Sales Order Line | order_id, sequence, id
order_id many2one=sale.order required
sequence integer
name text required
display_type selection
state selection readonly
product_id many2one=product.product
product_uom_qty float required digits=2
product_uom many2one=uom.uom @<19
product_uom_id many2one=uom.uom @>=19
qty_delivered float digits=2
qty_invoiced float readonly digits=2
qty_to_invoice float readonly digits=2
price_unit float required price@<19
discount float digits=2
tax_id many2many=account.tax @<19
tax_ids many2many=account.tax @>=19
price_subtotal monetary readonly
price_tax float readonly
price_total monetary readonly
currency_id many2one=res.currency readonly
order_partner_id many2one=res.partner readonly
salesman_id many2one=res.users readonly
company_id many2one=res.company readonly
invoice_status selection readonly
is_downpayment boolean

stock.warehouse | stock | Warehouse | id
name char required
code char required
active boolean
company_id many2one=res.company required readonly
partner_id many2one=res.partner
view_location_id many2one=stock.location required
lot_stock_id many2one=stock.location required
sequence integer

stock.location | stock | Inventory Locations | complete_name, id
name char required
complete_name char readonly
usage selection required
active boolean
location_id many2one=stock.location
warehouse_id many2one=stock.warehouse readonly
parent_path char
company_id many2one=res.company
barcode char

stock.lot | stock | Lot/Serial | name, id
name char required
product_id many2one=product.product required
company_id many2one=res.company

stock.quant.package | stock@<19 | Packages | name
name char

stock.package | stock@>=19 | Package | name
name char required

stock.quant | stock | Quants | id
product_id many2one=product.product required
location_id many2one=stock.location required
warehouse_id many2one=stock.warehouse computed readonly
lot_id many2one=stock.lot
package_id many2one=stock.quant.package @<19
package_id many2one=stock.package @>=19
owner_id many2one=res.partner
company_id many2one=res.company readonly
quantity float readonly digits=2
reserved_quantity float required readonly digits=2
available_quantity float computed readonly digits=2
inventory_quantity float digits=2
inventory_date date
in_date datetime required readonly
product_uom_id many2one=uom.uom computed readonly
"""
