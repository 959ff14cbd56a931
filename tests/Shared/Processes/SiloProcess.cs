using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace GrainSensors.Tests.Shared;

/// <summary>A silo in a process of its own.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Executable _process;

    private SiloProcess(Executable process) => _process = process;

    public Executable Process => _process;

    /// <summary>Where it serves its health; null: not yet.</summary>
    public string? Page => _process.Output.Select(line => PageLine().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    public static SiloProcess Start(IReadOnlyDictionary<string, string> environment) => new(Executable.StartWith(environment, "silo"));

    public async Task<HttpStatusCode?> HealthAsync(string probe)
    {
        try
        {
            return Page is { } page ? (await Http.GetAsync(new Uri($"{page}/health/{probe}"))).StatusCode : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <returns>The body of the answer; empty: none.</returns>
    public async Task<string> HealthBodyAsync(string probe)
    {
        using var answer = await Http.GetAsync(new Uri($"{Page}/health/{probe}"));
        return await answer.Content.ReadAsStringAsync();
    }

    public Task KillAsync() => _process.SignalAsync("KILL");

    public Task StopAsync() => _process.SignalAsync("STOP");

    public Task ContinueAsync() => _process.SignalAsync("CONT");

    /// <summary>SIGTERM, and its end.</summary>
    public async Task<Executable.Result> TerminateAsync()
    {
        await _process.SignalAsync("TERM");
        return await _process.ExitAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"silo {_process.ProcessId}, {(_process.HasExited ? "ended" : "alive")}:\n  "
        + $"{string.Join("\n  ", _process.Output.Concat(_process.Errors.TakeLast(15)))}");

    [GeneratedRegex(@"^Console +(http://[0-9.:]+)/")]
    private static partial Regex PageLine();
}
