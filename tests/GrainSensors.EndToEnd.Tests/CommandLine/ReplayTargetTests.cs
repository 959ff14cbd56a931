using System.Diagnostics;
using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The Kafka that <c>replay</c> writes to.</summary>
[Trait("Category", "System")]
public sealed class ReplayTargetTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory _folder = new();
    private readonly EmbeddedBroker _live = new(["sensor-data", "sensor-data-dlq", "log-data", "sensor-windows"], partitions: 1);
    private string _recording = null!;

    public async ValueTask InitializeAsync()
    {
        _recording = _folder.File("recording.csv");
        await File.WriteAllLinesAsync(
            _recording, ["sensor_id,timestamp,temperature", "7,1700000000,99"], TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("GrainSensors__Kafka__BootstrapServers")]
    [InlineData("GrainSensors__Kafka__Client__bootstrap.servers")]
    public async Task A_Kafka_of_the_environment_receives_no_recording(string key)
    {
        await using var replay = Executable.StartWith(
            new Dictionary<string, string> { [key] = _live.BootstrapServers }, "replay", _recording);

        var result = await replay.ExitAsync();

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("1 reading of 1 sensor", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, Readings);
    }

    [Fact]
    public async Task Without_a_terminal_a_Kafka_needs_a_confirmation_on_the_command_line()
    {
        await using var replay = Executable.Start(null, "replay", _recording, "--kafka", _live.BootstrapServers, "--produce-only");

        var result = await replay.ExitAsync();

        result.AssertCouldNotRun($"topic sensor-data of Kafka {_live.BootstrapServers}");
        Assert.Contains("--yes", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, Readings);
    }

    [Fact]
    public async Task A_confirmed_Kafka_is_named_and_receives_the_recording()
    {
        var result = await Command.RunAsync("replay", _recording, "--kafka", _live.BootstrapServers, "--produce-only", "--yes");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith(
            $"The readings of {_recording} go to topic sensor-data of Kafka {_live.BootstrapServers}.\n",
            result.Error,
            StringComparison.Ordinal);
        Assert.Equal(1, Readings);
    }

    [Theory]
    [InlineData(false, 2, 20)]
    [InlineData(true, 0, 99)]
    public async Task A_store_with_the_open_windows_of_a_pipeline_needs_a_confirmation(bool isConfirmed, int exitCode, double max)
    {
        var stop = TestContext.Current.CancellationToken;
        var file = _folder.File("windows.db");
        var start = Period.Default.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);
        await using (var store = new SqliteWindowStore(file))
        {
            await store.PrepareAsync(stop);
            var row = WindowRows.Row(7, start: start, statistics: new(1, 20, 0, 20, 20), isFinal: false);
            await store.WriteAsync([row.Write()], stop);
        }

        string[] yes = isConfirmed ? ["--yes"] : [];
        var result = await Command.RunAsync(["replay", _recording, "--store", $"sqlite:{file}", .. yes]);

        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Contains(
            $"The readings of {_recording} go to sqlite:{file}, where a pipeline has 1 open window",
            result.Error,
            StringComparison.Ordinal);
        await using var written = new SqliteWindowStore(file);
        var window = Assert.Single(await written.ReadAsync([new(7, Period.Default, start)], stop));
        Assert.Equal(max, Assert.Single(window.Rows, row => row.Key.Measurement == "temperature").Statistics.Max);
    }

    [Theory]
    [InlineData("y", 0, 1)]
    [InlineData("yes", 0, 1)]
    [InlineData("n", 2, 0)]
    [InlineData("", 2, 0)]
    public async Task A_terminal_is_asked(string answer, int exitCode, long readings)
    {
        var command = $"dotnet '{Executable.Assembly}' replay '{_recording}' --kafka {_live.BootstrapServers} --produce-only";
        using var terminal = Process.Start(new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["TERM"] = "dumb" },
        })!;

        await terminal.StandardInput.WriteLineAsync(answer);
        await terminal.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var output = await terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await terminal.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains($"go to topic sensor-data of Kafka {_live.BootstrapServers}. Continue? [y/N]", output, StringComparison.Ordinal);
        Assert.True(exitCode == terminal.ExitCode, $"exit code {terminal.ExitCode}: {output}");
        Assert.Equal(readings, Readings);
    }

    public ValueTask DisposeAsync()
    {
        _live.Dispose();
        _folder.Dispose();
        return default;
    }

    private long Readings
    {
        get
        {
            using var consumer = new ConsumerBuilder<Ignore, Ignore>(
                new ConsumerConfig { BootstrapServers = _live.BootstrapServers, GroupId = "test" }).Build();
            return consumer.QueryWatermarkOffsets(new("sensor-data", 0), Patience).High;
        }
    }
}
