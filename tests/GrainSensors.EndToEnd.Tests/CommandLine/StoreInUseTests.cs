using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Commands about access while <c>run</c> writes the SQLite file.</summary>
[Trait("Category", "System")]
public sealed class StoreInUseTests : IAsyncLifetime
{
    private const string InUse = "is written by another process; stop that process";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _folder = new();
    private readonly string _key = AccessKey.Generate();
    private readonly HttpClient _http = new();
    private Executable? _run;

    private string Store => $"sqlite:{_folder.File("windows.db")}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _run = Executable.StartWith(
            new Dictionary<string, string>
            {
                ["GrainSensors__Http__Port"] = "0",
                ["GrainSensors__Http__Keys__0__Name"] = "boss",
                ["GrainSensors__Http__Keys__0__Hash"] = AccessKey.HashText(_key),
                ["GrainSensors__Http__Keys__0__Role"] = "admin",
            },
            "run", "--sensors", "0", "--store", Store);
        await Until.Async(() => Page is not null, () => string.Join('\n', _run.Output.Concat(_run.Errors)), Patience);
        _http.BaseAddress = new(Page!);
        _http.DefaultRequestHeaders.Authorization = new("Bearer", _key);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _run!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Commands_that_read_work_those_that_write_say_what_to_do_and_sessions_end_by_the_API()
    {
        await LogInAsync();
        var session = Assert.Single((await SessionsAsync()).EnumerateArray()).GetProperty("session_id").GetString()!;

        Assert.Equal(0, (await Command.RunAsync("key", "list", "--store", Store)).ExitCode);
        var listed = await Command.RunAsync("session", "list", "--store", Store);
        Assert.Contains(session, listed.Output, StringComparison.Ordinal);
        string[][] writes =
        [
            ["key", "--name", "ann", "--store", Store], ["key", "revoke", "ann", "--store", Store],
            ["session", "end", session, "--store", Store],
        ];
        foreach (var write in writes)
        {
            (await Command.RunAsync(write)).AssertCouldNotRun(InUse);
        }

        var silence = await Command.RunAsync("silence", "add", "--all", "--for", "1h", "--reason", "x", "--store", Store);
        Assert.Equal(2, silence.ExitCode);
        Assert.Contains("is written by another process. If it is a silo, change its silences through its API: add --url http",
            silence.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Command.RunAsync("silence", "list", "--store", Store)).ExitCode);

        using var ended = await _http.DeleteAsync(new Uri($"/api/v1/sessions/{session}", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(0, (await SessionsAsync()).GetArrayLength());

        await _run!.SignalAsync("TERM");
        Assert.Equal(0, (await _run.ExitAsync()).ExitCode);
        var made = await Command.RunAsync("key", "--name", "ann", "--store", Store);
        Assert.True(made.ExitCode == 0, made.ToString());
        Assert.StartsWith("Key       gsk_", made.Output, StringComparison.Ordinal);
    }

    private string? Page => _run!.Output
        .Select(line => line.Split("http://") is [_, var address] ? $"http://{address.TrimEnd('/')}" : null)
        .FirstOrDefault(page => page is not null);

    private async Task LogInAsync()
    {
        using var form = new FormUrlEncodedContent([new("key", _key), .. await TokenAsync()]);
        using var answer = await _http.PostAsync(new Uri("/login", UriKind.Relative), form, Stop);
        Assert.True(answer.IsSuccessStatusCode, $"{answer}");
    }

    /// <returns>The hidden field of the form.</returns>
    private async Task<IEnumerable<KeyValuePair<string, string>>> TokenAsync()
    {
        var page = await _http.GetStringAsync(new Uri("/login", UriKind.Relative), Stop);
        const string Field = "__RequestVerificationToken";
        var value = page[page.IndexOf(Field, StringComparison.Ordinal)..].Split("value=\"")[1].Split('"')[0];
        return [new(Field, value)];
    }

    private async Task<JsonElement> SessionsAsync() =>
        await _http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/sessions", UriKind.Relative), Stop);
}
