namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Recordings of sensors with names.</summary>
[Trait("Category", "System")]
public sealed class ReplayNamesTests
{
    [Fact]
    public async Task Windows_and_alerts_of_a_recording_have_the_names_of_its_sensors()
    {
        using var folder = new TemporaryDirectory();
        var (recording, windows, alerts) = (folder.File("a.csv"), folder.File("windows.csv"), folder.File("alerts.csv"));
        var lines = Enumerable.Range(0, 120).SelectMany(second => new[] { "kitchen-1", "\"Küche \"\"2\"\"\"", "007", "-9000000000" }
            .Select(id => $"{id},{1_732_400_000 + second},{(second == 110 ? 60 : 21)},{(second == 110 ? 1 : 0)}"));
        await File.WriteAllLinesAsync(
            recording, ["sensor_id,timestamp,temperature,label", .. lines], TestContext.Current.CancellationToken);

        var result = await Executable.RunAsync("replay", recording, "--period", "1m", "--output", windows, "--alerts", alerts);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("480 readings of 4 sensors, 0 rejected", result.Output, StringComparison.Ordinal);
        Assert.Contains("such as 007, were read as integers", result.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 labelled events found", result.Output, StringComparison.Ordinal);
        var counted = (await File.ReadAllLinesAsync(windows, TestContext.Current.CancellationToken)).Skip(1)
            .Select(line => line.Split(",temperature,")).GroupBy(cells => cells[0], cells => int.Parse(
                cells[1].Split(',')[2], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            new Dictionary<string, int> { ["-9000000000"] = 120, ["7"] = 120, ["\"Küche \"\"2\"\"\""] = 120, ["kitchen-1"] = 120 },
            counted.ToDictionary(sensor => sensor.Key, sensor => sensor.Sum()));
        var raised = (await File.ReadAllLinesAsync(alerts, TestContext.Current.CancellationToken)).Skip(1)
            .Select(line => line.Split(',')[0]);
        Assert.Equal(["7", "-9000000000", "\"Küche \"\"2\"\"\"", "kitchen-1"], raised);
    }
}
