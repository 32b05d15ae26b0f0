/** Nothing to do: the page's text is in its HTML. */
export {};
