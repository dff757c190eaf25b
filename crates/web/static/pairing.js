// A code that came in the address does not stay in the address bar and the history.
if (location.search) history.replaceState(null, "", location.pathname);
