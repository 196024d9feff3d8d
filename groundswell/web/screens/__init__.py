"""The screens: one module each, with its `ROUTES`, and with its place in the menu as `MENU` if it has one."""
