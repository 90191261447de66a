"""Skills: the taxonomy, what a label means, which skills a posting asks for, and curators' corrections of that."""
