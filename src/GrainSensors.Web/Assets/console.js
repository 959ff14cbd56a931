// The theme is that of the system until somebody chooses; set before the first paint, so that nothing flashes.
(() => {
    const key = 'grainsensors-theme';
    const root = document.documentElement;
    const apply = theme => theme ? root.setAttribute('data-theme', theme) : root.removeAttribute('data-theme');
    const stored = () => { try { return localStorage.getItem(key); } catch { return null; } };
    apply(stored());
    document.addEventListener('click', event => {
        if (!event.target.closest?.('[data-theme-switch]')) {
            return;
        }
        const isDark = (root.getAttribute('data-theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
        const theme = isDark ? 'light' : 'dark';
        apply(theme);
        try { localStorage.setItem(key, theme); } catch { /* A browser that keeps nothing shows it until the next page. */ }
    });
})();
