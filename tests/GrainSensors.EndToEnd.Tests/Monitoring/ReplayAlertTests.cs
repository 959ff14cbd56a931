using System.Globalization;

namespace GrainSensors.EndToEnd.Tests.Monitoring;

/// <summary>Recordings, and what the monitor makes of them.</summary>
[Trait("Category", "System")]
public sealed class ReplayAlertTests : IDisposable
{
    private const int Sensors = 6;
    private const int Start = 1_700_000_000;
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task Gaps_longer_than_the_time_out_and_disconnections_are_the_same_one_to_one()
    {
        var random = new Random(7);
        var readings = new List<(int Sensor, int At)>();
        for (var sensor = 1; sensor <= Sensors; sensor++)
        {
            for (var at = Start + sensor; at < Start + 7200; at += random.Next(12) == 0 ? random.Next(25, 90) : random.Next(1, 20))
            {
                readings.Add((sensor, at));
            }

            readings.Add((sensor, Start + 7210)); // all end together, so that none is silent at the end
        }

        var gaps = readings.GroupBy(reading => reading.Sensor).SelectMany(sensor => sensor.OrderBy(reading => reading.At)
                .Zip(sensor.OrderBy(reading => reading.At).Skip(1), (a, b) => (a.Sensor, From: a.At, To: b.At)))
            .Where(gap => gap.To - gap.From > 30)
            .Select(gap => $"{gap.Sensor} {gap.From + 30} {gap.To}").Order().ToList();
        var alerts = await ReplayAsync(readings.OrderBy(reading => reading.At).Select(reading => (reading.Sensor, reading.At, 20.0, 0)));

        Assert.NotEmpty(gaps);
        Assert.Equal(
            gaps,
            alerts.Where(alert => alert[1] == "disconnected")
                .Select(alert => $"{alert[0]} {Seconds(alert[3])} {Seconds(alert[4])}").Order());
    }

    [Fact]
    public async Task Labelled_events_are_found_and_counted()
    {
        var readings = Enumerable.Range(0, 2_000).SelectMany(second => Enumerable.Range(1, 2).Select(sensor =>
        {
            var isEvent = sensor == 1 && second is >= 900 and < 930;
            return (sensor, Start + second, isEvent ? 29.0 : 20 + (second % 2 * 0.2), isEvent ? 1 : 0);
        }));
        var alerts = await ReplayAsync(
            readings, "1 of 1 labelled event found, precision 1.000, recall 1.000; 0 false alarms");

        var alert = Assert.Single(alerts);
        Assert.Equal(["1", "extreme", "WARNING"], alert[..3]);
        Assert.Equal((Start + 900, Start + 930), (Seconds(alert[3]), Seconds(alert[4])));
        Assert.Equal(("temperature", "29"), (alert[5], alert[6]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<string[]>> ReplayAsync(
        IEnumerable<(int Sensor, int At, double Temperature, int Label)> readings, string says = "")
    {
        var (recording, output) = (_folder.File("recording.csv"), _folder.File("alerts.csv"));
        await File.WriteAllLinesAsync(
            recording,
            readings
                .Select(reading => FormattableString.Invariant(
                    $"{reading.Sensor},{reading.At},{reading.Temperature},{reading.Label}"))
                .Prepend("sensor_id,timestamp,temperature,label"));
        var result = await Executable.RunAsync("replay", recording, "--alerts", output);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains(says, result.Output, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(output);
        Assert.Equal("sensor_id,kind,level,raised_at,cleared_at,measurement,value,expected,rule", lines[0]);
        return [.. lines.Skip(1).Select(line => line.Split(','))];
    }

    private static int Seconds(string time) =>
        (int)DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();
}
