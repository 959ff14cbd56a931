namespace GrainSensors.Benchmarks.Comparison;

/// <summary>A Prometheus and people in front of dashboard and console, all more eager than real ones: each asks every second.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="paths">What it asks for.</param>
    public Watcher(Uri page, string[] paths)
    {
        _http = new() { BaseAddress = page };
        _watching = WatchAsync(paths);
    }

    /// <summary>Answers until now.</summary>
    public int Answers { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(string[] paths)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            foreach (var path in paths)
            {
                using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), _stop.Token);
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync(_stop.Token);
                Answers++;
            }
        }
        while (await timer.WaitForNextTickAsync(_stop.Token));
    }
}
