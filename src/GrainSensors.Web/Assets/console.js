// The theme follows the system until the user chooses one. It is set before the first paint to avoid a flash.
(() => {
    // A text as a stream, which may be longer than an event. The line feed keeps it from being empty.
    window.grainSensors = { textOf: element => new Blob([element.value, '\n']) };

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
        try { localStorage.setItem(key, theme); } catch { /* Without local storage the choice lasts until the next page. */ }
    });
})();
