using System.Globalization;
using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The command rules against a running pipeline, and on recordings.</summary>
[Trait("Category", "System")]
public sealed class RulesCommandTests(ApiServer server) : IClassFixture<ApiServer>, IDisposable
{
    private const string Rules =
        """
        id: warm
        kind: threshold
        selector: { measurement: temperature }
        above: 30
        hysteresis: 1
        dwell: 20s
        cool_down: 1m
        ---
        id: fast
        kind: rate
        selector: { measurement: temperature, sensors: [1, 2] }
        change: 5
        per: 1m
        min_interval: 5s
        dwell_readings: 1
        ---
        id: stuck
        kind: stuck
        selector: { measurement: humidity }
        for: 2m
        warm_up: 10m
        ---
        id: mean
        kind: window
        selector: { measurement: temperature }
        per: 2m
        statistic: mean
        above: 27
        hysteresis: 0.5
        cool_down: 0s
        ---
        id: low
        kind: window
        selector: { measurement: temperature }
        per: 1m
        statistic: p90
        below: 24
        dwell_readings: 2
        """;

    private static readonly string[] Ids = ["warm", "fast", "stuck", "mean", "low"];

    private const string Odd = "id: odd\nkind: heat\nselector: { measurement: temperature }";

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => $"{server.Http.BaseAddress}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rules_of_a_file_are_applied_as_far_as_they_are_valid_listed_and_removed()
    {
        var applied = await RunAsync("apply", await FileAsync($"{Rules}\n---\n{Odd}"));
        Assert.Equal(
            (3, string.Join('\n', Ids.Select(id => $"Applied the rule \"{id}\"."))), (applied.ExitCode, applied.Output));
        Assert.StartsWith("Rejected the rule \"odd\": \"kind\" must be ", applied.Error, StringComparison.Ordinal);
        var listed = (await RunAsync("list")).Output.Split('\n');
        Assert.Equal(
            ["fast  rate", "low  window", "mean  window", "stuck  stuck", "warm  threshold"],
            listed.Select(line => line.Split(", version ")[0]));
        using var json = JsonDocument.Parse((await RunAsync("list", "--json")).Output);
        Assert.Equal("20s", json.RootElement[4].GetProperty("rule").GetProperty("dwell").GetString());
        foreach (var id in Ids)
        {
            Assert.Equal($"Removed the rule \"{id}\".", (await RunAsync("remove", id)).Output);
        }

        (await RunAsync("remove", "warm")).AssertCouldNotRun("There is no rule \"warm\"");
        Assert.Equal("", (await RunAsync("list")).Output);
    }

    [Theory]
    [InlineData("kind: heat", "document 1")]
    [InlineData("id: warm\nid: cold", "line 2: the key \"id\" is given twice")]
    [InlineData("id: [", "line ")]
    public async Task A_file_that_cannot_be_read_is_refused_with_the_place(string text, string place)
    {
        var file = await FileAsync(text);
        (await RunAsync("apply", file)).AssertCouldNotRun(place);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_test_on_a_recording_shows_what_a_replay_raises(int seed)
    {
        var (rules, recording, output) = (await FileAsync(Rules), _folder.File("recording.csv"), _folder.File("alerts.csv"));
        await File.WriteAllLinesAsync(recording, Recording(new Random(seed)), Stop);
        var tested = await Command.RunAsync("rules", "test", rules, "--recording", recording, "--json");
        Assert.True(tested.ExitCode == 0, tested.ToString());
        using var report = JsonDocument.Parse(tested.Output);
        var expected = report.RootElement.GetProperty("rules").EnumerateArray().SelectMany(rule =>
        {
            var raised = rule.GetProperty("timeline").EnumerateArray().ToList();
            Assert.Equal(rule.GetProperty("alerts").GetInt32(), raised.Count);
            Assert.Equal(raised.Count, rule.GetProperty("sensors").EnumerateArray().Sum(sensor => sensor.GetProperty("alerts").GetInt32()));
            return raised.Select(one =>
                $"{rule.GetProperty("rule").GetString()} {one.GetProperty("sensor_id")} {At(one.GetProperty("raised_at").GetString()!)} "
                + $"{At(one.GetProperty("cleared_at").GetString() ?? "")}");
        }).Order().ToList();
        Assert.Equal(Ids.Order(), expected.Select(line => line.Split(' ')[0]).Distinct().Order());

        var replayed = await Executable.RunAsync("replay", recording, "--alerts", output, "--rules", rules);
        Assert.True(replayed.ExitCode == 0, replayed.ToString());
        var rows = (await File.ReadAllLinesAsync(output, Stop)).Skip(1).Select(line => line.Split(','))
            .Where(row => row[1] is not ("disconnected" or "extreme"))
            .Select(row => $"{row[8]} {row[0]} {At(row[3])} {At(row[4])}");
        Assert.Equal(expected, rows.Order());
    }

    [Fact]
    public async Task A_test_names_lines_and_rules_that_it_rejects()
    {
        var recording = _folder.File("recording.csv");
        await File.WriteAllLinesAsync(recording, ["sensor_id,timestamp,temperature", "1,1700000000,31", "1,never,31"], Stop);
        const string Above = "id: warm\nkind: threshold\nabove: 30\nselector: { measurement: temperature";
        var tested = await TestAsync($"{Above} }}", recording);
        Assert.Equal(3, tested.ExitCode);
        Assert.Contains("line 3", tested.Error, StringComparison.Ordinal);
        Assert.Contains("warm: 1 alert of 1 sensor", tested.Output, StringComparison.Ordinal);
        (await TestAsync(Odd, recording)).AssertCouldNotRun("rule odd: \"kind\" must be ");
        (await TestAsync($"{Above}, tags: {{ room: kitchen }} }}", recording)).AssertCouldNotRun("give --store");
    }

    [Fact]
    public async Task A_test_finds_the_sensors_of_tags_and_of_groups_in_the_registry()
    {
        var (recording, store) = (_folder.File("recording.csv"), $"sqlite:{_folder.File("windows.db")}");
        foreach (var (sensor, room) in new[] { ("7", "kitchen"), ("oven-1", "kitchen"), ("8", "cellar") })
        {
            var set = await Command.RunAsync("sensors", "set", sensor, "--tag", $"room={room}", "--store", store);
            Assert.True(set.ExitCode == 0, set.ToString());
        }

        string[] values = ["7,1700000000,31", "8,1700000005,31", "oven-1,1700000010,31", "7,1700000020,20", "oven-1,1700000030,20"];
        await File.WriteAllLinesAsync(recording, ["sensor_id,timestamp,temperature", .. values], Stop);
        const string Warm = "kind: threshold\nabove: 30\nselector: { measurement: temperature, tags: { room: kitchen }";
        var rules = $"id: warm\n{Warm} }}\n---\nid: some\n{Warm}, sensors: [8, oven-1] }}\n---\n"
            + "id: room\nkind: group\nselector: {}\nby: [room]\nof: [warm]\nleast: 100%";
        var file = await FileAsync(rules);
        var tested = await Command.RunAsync("rules", "test", file, "--recording", recording, "--store", store);
        Assert.True(tested.ExitCode == 0, tested.ToString());
        Assert.Contains("warm: 2 alerts of 2 sensors", tested.Output, StringComparison.Ordinal);
        Assert.Contains("some: 1 alert of 1 sensor\n  sensor oven-1", tested.Output, StringComparison.Ordinal);
        Assert.Contains(
            "room: 1 alert of 1 group\n  room=kitchen: 1 alert, 10 s\n"
            + "  2023-11-14T22:13:30Z to 2023-11-14T22:13:40Z: room=kitchen, 2",
            tested.Output, StringComparison.Ordinal);
        (await Command.RunAsync("rules", "test", file, "--recording", recording)).AssertCouldNotRun("give --store");
        (await TestAsync("id: all\nkind: group\nselector: {}\nof: [cold]", recording)).AssertCouldNotRun("the rule cold, which is not in");
    }

    /// <returns>Six sensors for an hour, a reading each second or less often, with steps, ramps and times without a change.</returns>
    private static IEnumerable<string> Recording(Random random)
    {
        yield return "sensor_id,timestamp,temperature,humidity";
        var (temperatures, humidities) = (new double[7], new double[7]);
        Array.Fill(temperatures, 25);
        Array.Fill(humidities, 50);
        for (var second = 0; second < 3600; second += random.Next(1, 3))
        {
            for (var sensor = 1; sensor <= 6; sensor++)
            {
                temperatures[sensor] += ((random.NextDouble() - 0.5) * 0.4) + (random.Next(200) == 0 ? random.Next(-8, 9) : 0);
                temperatures[sensor] = Math.Clamp(temperatures[sensor], 15, 38);
                var isStuck = sensor == 3 && second is > 1500 and < 2400;
                humidities[sensor] += isStuck ? 0 : random.Next(-1, 2);
                if (random.Next(10) > 0)
                {
                    yield return string.Create(
                        CultureInfo.InvariantCulture,
                        $"{sensor},{1_700_000_000 + second},{temperatures[sensor]:0.##},{humidities[sensor]:0.##}");
                }
            }
        }
    }

    private async Task<Executable.Result> TestAsync(string rules, string recording) =>
        await Command.RunAsync("rules", "test", await FileAsync(rules), "--recording", recording);

    private static long At(string time) => time.Length == 0
        ? 0
        : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();

    private async Task<string> FileAsync(string text)
    {
        var file = _folder.File($"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, text, Stop);
        return file;
    }

    private Task<Executable.Result> RunAsync(params string[] arguments) => Command.RunAsync(["rules", .. arguments, "--url", Url]);
}
