using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>run</c> in a new clone of the repository.</summary>
[Trait("Category", "System")]
public sealed partial class RunCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task Twenty_sensors_have_windows_and_a_second_run_goes_on_where_they_stood()
    {
        // With a period of one day no window ends between the runs, except at midnight.
        var first = await RunOnceAsync("--empty", "--sensors", "20");
        var second = await RunOnceAsync();

        Assert.Equal(20, first.Keys.Select(key => key.SensorId).Distinct().Count());
        Assert.All(first, pair =>
        {
            Assert.False(pair.Value.IsFinal && pair.Key.End > EpochTime.Now(TimeProvider.System));
            Assert.True(second[pair.Key].Statistics.Count >= pair.Value.Statistics.Count);
        });
        Assert.True(second.Values.Sum(row => row.Statistics.Count) > first.Values.Sum(row => row.Statistics.Count));
    }

    [Fact]
    public async Task The_database_of_a_cluster_receives_no_simulated_readings()
    {
        var cluster = new Dictionary<string, string>
        {
            ["GrainSensors__Postgres__ConnectionString"] = "Host=127.0.0.1;Port=1;Database=live",
            ["GrainSensors__Kafka__BootstrapServers"] = "127.0.0.1:1",
            ["GrainSensors__Http__Port"] = "0",
        };
        await using var executable = Executable.StartWith(cluster, "run", "--sensors", "0");

        await Until.Async(
            () => executable.Output.Count >= 4,
            () => string.Join('\n', executable.Output.Concat(executable.Errors)),
            TimeSpan.FromSeconds(60));

        Assert.StartsWith("Windows   PT15M in sqlite:", executable.Output[0], StringComparison.Ordinal);
        await executable.SignalAsync("INT");
        await executable.ExitAsync();
    }

    [Fact]
    public async Task A_reading_that_is_published_by_MQTT_is_in_the_store()
    {
        await using var executable = Executable.Start(
            _folder.Path, "run", "--sensors", "0", "--http-port", "0", "--mqtt-port", "0", "--period", "P1D");
        string Look() => string.Join('\n', executable.Output.Concat(executable.Errors));
        await Until.Async(() => Port() is not null, Look, TimeSpan.FromSeconds(60));

        var port = int.Parse(Port()!, CultureInfo.InvariantCulture);
        await UntilConsoleHasAsync($$"""mosquitto_pub -p {{port}} -t sensors/kitchen/telemetry -m '{"temperature":21.5}'""");
        await Mosquitto.PublishAsync(port, "sensors/kitchen/telemetry", """{"temperature":21.5}""");
        await UntilConsoleHasAsync("sensors/named?sensor=kitchen");
        await Until.Async(
            () => executable.Output.Any(line => line.Contains("  1 reading", StringComparison.Ordinal)), Look, TimeSpan.FromSeconds(60));
        await executable.SignalAsync("INT");
        var result = await executable.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());

        await using var store = new SqliteWindowStore(_folder.File("data/grainsensors.db"));
        var stop = TestContext.Current.CancellationToken;
        var row = Assert.Single(await store.QueryAsync(new(EpochTime.Min, EpochTime.Max), stop).ToListAsync(stop));
        Assert.Equal((1, 21.5), (row.Statistics.Count, row.Statistics.Mean));

        string? Port() => First(MqttLine());

        string? First(Regex line) =>
            executable.Output.Select(text => line.Match(text)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

        async Task UntilConsoleHasAsync(string text)
        {
            using var http = new HttpClient();
            await Until.Async(() => First(ConsoleLine()) is not null, Look, TimeSpan.FromSeconds(60));
            var page = "";
            await Until.Async(
                async () => (page = WebUtility.HtmlDecode(await http.GetStringAsync(new Uri(First(ConsoleLine())!))))
                    .Contains(text, StringComparison.Ordinal),
                () => page,
                TimeSpan.FromSeconds(60));
        }
    }

    [Theory]
    [InlineData("TERM", 0)]
    [InlineData("INT", 1)]
    [InlineData("TERM", 1)]
    [InlineData("HUP", 1)]
    [InlineData("HUP", 5)]
    public async Task A_signal_at_any_moment_of_the_start_ends_it_in_order(string signal, int lines)
    {
        await using var executable = Executable.Start(_folder.Path, "--http-port", "0");

        // The database is there before the first line.
        await Until.Async(
            () => executable.Output.Count >= lines && Directory.Exists(_folder.File("data")),
            () => string.Join('\n', executable.Output),
            TimeSpan.FromSeconds(60));
        await executable.SignalAsync(signal);

        var result = await executable.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Empty(result.Error);
        Assert.Contains("Stopped", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_teaches_with_examples()
    {
        var result = await Executable.RunAsync("replay", "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("grainsensors replay library.csv --output windows.csv", result.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex(@"^MQTT +127\.0\.0\.1:(\d+): mosquitto_pub ")]
    private static partial Regex MqttLine();

    [GeneratedRegex(@"^Console +(http://\S+)")]
    private static partial Regex ConsoleLine();

    /// <returns>The rows after a run that received readings of every sensor and was stopped by Ctrl-C.</returns>
    private async Task<Dictionary<WindowKey, WindowRow>> RunOnceAsync(params string[] options)
    {
        await using var executable = Executable.Start(_folder.Path, ["run", "--period", "P1D", .. options]);
        await Until.Async(
            () => executable.Output.Count >= 4 + 3,
            () => string.Join('\n', executable.Output),
            TimeSpan.FromSeconds(60));
        await executable.SignalAsync("INT");
        var result = await executable.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Empty(result.Error);
        Assert.Contains("All readings are in the store", result.Output, StringComparison.Ordinal);

        await using var store = new SqliteWindowStore(_folder.File("data/grainsensors.db"));
        var rows = new Dictionary<WindowKey, WindowRow>();
        await foreach (var row in store.QueryAsync(new(EpochTime.Min, EpochTime.Max), TestContext.Current.CancellationToken))
        {
            rows.Add(row.Key, row);
        }

        return rows;
    }
}
