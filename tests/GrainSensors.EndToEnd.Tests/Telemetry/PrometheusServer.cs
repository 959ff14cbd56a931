using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>A Prometheus with the configuration and the rules of deploy/prometheus, only its targets and its pace changed.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new();
    private readonly List<string> _log = [];
    private readonly Process _process;

    private PrometheusServer(string program, string target, string key)
    {
        File.WriteAllText(_directory.File("key"), key);
        var configuration = RepositoryFiles.Read("deploy/prometheus/prometheus.yml");
        configuration = Regex.Replace(configuration, @"(?m)_interval: \w+$", "_interval: 1s");
        configuration = Uncomment().Replace(configuration, "    ");
        configuration = configuration.Replace("/run/secrets/grainsensors-key", _directory.File("key"), StringComparison.Ordinal);
        configuration = Regex.Replace(configuration, @"targets: \[""silo-1.*\]", $"targets: [\"{target}\"]");
        configuration = configuration.Replace("localhost:9090", target, StringComparison.Ordinal);
        File.WriteAllText(_directory.File("prometheus.yml"), configuration);
        File.Copy(RepositoryFiles.PathOf("deploy/prometheus/rules.yml"), _directory.File("rules.yml"));
        string[] arguments =
        [
            $"--config.file={_directory.File("prometheus.yml")}",
            $"--storage.tsdb.path={_directory.File("data")}",
            "--web.listen-address=127.0.0.1:0",
        ];
        _process = new() { StartInfo = new(program, arguments) { RedirectStandardError = true } };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
    }

    private string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <returns>Its program; the test is skipped where there is none, though <c>tests/run.sh</c> fetches it.</returns>
    public static string RequireProgram(string name)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append(Path.Combine(home, ".cache/grainsensors/prometheus/usr/bin"))
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is neither on the path nor in ~/.cache/grainsensors/prometheus; run tests/run.sh.");
        return found!;
    }

    /// <param name="silo">Where its pages are.</param>
    /// <param name="key">That it asks for.</param>
    public static async Task<PrometheusServer> StartAsync(Uri silo, string key)
    {
        var server = new PrometheusServer(RequireProgram("prometheus"), silo.Authority, key);
        await Until.Async(() => Listening().IsMatch(server.Log), () => server.Log, Patience);
        server._http.BaseAddress = new($"http://{Listening().Match(server.Log).Groups[1].Value}");

        // It listens before it has read what it has stored, and answers everything with 503 until then.
        await Until.Async(server.IsReadyAsync, () => server.Log, Patience);
        return server;
    }

    /// <returns>The answer's data.</returns>
    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!["data"]!;
    }

    /// <returns>The values of the series that the query finds now.</returns>
    public async Task<List<double>> QueryAsync(string query)
    {
        var data = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
        var values = data["result"]!.AsArray().Select(series => series!["value"]![1]!.GetValue<string>());
        return [.. values.Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
    }

    public override string ToString() => Log;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        using var response = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }

    [GeneratedRegex("msg=\"Listening on\" address=(127[0-9.:]+)")]
    private static partial Regex Listening();

    /// <summary>The lines about a key, which the file has for those who need them.</summary>
    [GeneratedRegex("(?m)^    # (?=authorization:|  credentials_file:)")]
    private static partial Regex Uncomment();
}
