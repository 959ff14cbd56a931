using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit.Sdk;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>The Chromium of the system, headless, shared by all tests.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Folder beside the solution for screenshots of the tested pages; git ignores it.</summary>
    private const string ArtefactsFolder = "artefacts";

    /// <summary>A name for this machine that the browser trusts less than loopback.</summary>
    public const string ElsewhereName = "silo.test";

    /// <summary>How long actions and expectations wait: pages under load read the store seconds after they were opened.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] Candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
        $"--host-resolver-rules=MAP {ElsewhereName} 127.0.0.1",
    ];

    private static readonly ConcurrentDictionary<string, ConcurrentBag<IBrowserContext>> Contexts = new();

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable("CHROMIUM") ?? Candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"Chromium was not found at {string.Join(", ", Candidates)}. Install it, or set CHROMIUM to its path.");
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
    }

    /// <summary>Opens a page in a new browser context, without cookies or storage, and waits until it is connected.</summary>
    public Task<IPage> OpenAsync(
        ConsoleServer server, string path, int width = 1360, int height = 860, ColorScheme scheme = ColorScheme.Light) =>
        OpenAsync(server.Address, path, width, height, scheme);

    /// <summary>Opens a page of another server.</summary>
    public async Task<IPage> OpenAsync(
        string server, string path, int width = 1360, int height = 860, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await OpenPageAsync(server, width, height, scheme);
        await page.VisitAsync(path);
        return page;
    }

    /// <summary>Opens a page without live updates in a new browser context.</summary>
    public async Task<IPage> OpenUnconnectedAsync(ConsoleServer server, string address)
    {
        var page = await OpenPageAsync(server.Address, 1360, 860, ColorScheme.Light);
        await page.GotoAsync(address);
        return page;
    }

    private async Task<IPage> OpenPageAsync(string server, int width, int height, ColorScheme scheme)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = server,
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        Contexts.GetOrAdd(TestContext.Current.Test!.UniqueID, _ => []).Add(context);
        return await context.NewPageAsync();
    }

    /// <summary>Closes the pages that a test has opened.</summary>
    public static async Task CloseAsync(ITest test)
    {
        if (Contexts.TryRemove(test.UniqueID, out var contexts))
        {
            await Task.WhenAll(contexts.Select(context => context.CloseAsync()));
        }
    }

    public static async Task ShootAsync(IPage page, string name)
    {
        var folder = Path.Combine(RepositoryRoot(), ArtefactsFolder);
        Directory.CreateDirectory(folder);
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GrainSensors.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
