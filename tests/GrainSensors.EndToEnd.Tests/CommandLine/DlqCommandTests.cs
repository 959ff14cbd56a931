using System.Text;
using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Output, effect and exit code of <c>dlq list</c>, <c>show</c> and <c>requeue</c>.</summary>
[Trait("Category", "System")]
public sealed class DlqCommandTests : IDisposable
{
    private readonly DeadLetters _letters = new();

    [Fact]
    public async Task Letters_are_listed_by_reason_time_and_source()
    {
        var noon = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        var garbage = await _letters.WriteAsync("{garbage", "not-json", "sensor-data:0:5", at: noon.AddMilliseconds(-1));
        var array = await _letters.WriteAsync("[1]", "not-an-object", "sensor-data:1:5", partition: 1, at: noon);
        var old = await _letters.WriteAsync("{}", "expired", "other:1:6", partition: 1, at: noon.AddHours(1));

        async Task<string[]> ListAsync(params string[] filter)
        {
            var result = await _letters.RunAsync(["list", "--json", .. filter]);
            return [.. Json(result.Output).Select(letter => letter.GetProperty("id").GetString()!)];
        }

        Assert.Equal([garbage, array, old], await ListAsync());
        Assert.Equal([garbage, old], await ListAsync("--reason", "not-json", "--reason", "expired"));
        Assert.Equal([array, old], await ListAsync("--from", "2026-11-24T12:00:00Z"));
        Assert.Equal([array], await ListAsync("--from", "2026-11-24T13:00+01:00", "--to", "2026-11-24T13:00"));
        Assert.Equal([garbage, array], await ListAsync("--source", "sensor-data"));
        Assert.Equal([array], await ListAsync("--source", "sensor-data:1"));
        Assert.Equal([garbage], await ListAsync("--source", "sensor-data:0:5"));
        Assert.Empty(await ListAsync("--source", "sensor-data:0:6"));
        Assert.Equal([garbage, array], await ListAsync("--limit", "2"));
    }

    [Fact]
    public async Task A_line_of_the_list_says_what_and_whence_and_shows_bytes_that_harm_no_terminal()
    {
        var at = new DateTimeOffset(2026, 11, 24, 10, 15, 0, TimeSpan.Zero);
        await _letters.WriteAsync([.. "a\n\u001b[31m"u8, 0xff, .. "ü"u8], source: "sensor-data:3:17", at: at);
        await _letters.WriteAsync(new string('x', 100), "invalid-value", "sensor-data:3:18", at: at);

        var result = await _letters.RunAsync("list");

        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = result.Output.Split('\n');
        Assert.Matches(@"^0:0 +2026-11-24T10:15:00Z +not-json +sensor-data:3:17 +10 +1 +open +a\\n\\u001b\[31m\\xffü$", lines[0]);
        Assert.Matches("^0:1 +2026-11-24T10:15:00Z +invalid-value +sensor-data:3:18 +100 +1 +open +x{59}…$", lines[1]);
        Assert.Equal("2 dead letters: 1 invalid-value, 1 not-json", result.Error.Trim());
    }

    [Fact]
    public async Task A_letter_is_shown_as_text_or_in_hexadecimal_and_raw_to_the_byte()
    {
        var text = await _letters.WriteAsync("{\"sensor_id\": \"Grün\"}", "invalid-sensor-id", "sensor-data:3:17");
        var bytes = await _letters.WriteAsync([.. "0123456789abcdef"u8, 0x00, 0xff, (byte)'z', (byte)'\n'], partition: 1);

        var shown = await _letters.RunAsync("show", text);
        var dumped = await _letters.RunAsync("show", bytes);
        var raw = await RawAsync("dlq", "show", bytes, "--raw", "--kafka", _letters.Kafka);

        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Contains("reason    invalid-sensor-id\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("sensor-data, partition 3, offset 17\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("state     open\n", shown.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n\n{\"sensor_id\": \"Grün\"}", shown.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            "\n\n00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|"
            + "\n00000010  00 ff 7a 0a                                       |..z.|",
            dumped.Output,
            StringComparison.Ordinal);
        Assert.Equal([.. "0123456789abcdef"u8, 0x00, 0xff, (byte)'z', (byte)'\n'], raw);
    }

    [Fact]
    public async Task Requeue_puts_exactly_the_bytes_back_and_says_in_their_headers_where_they_were()
    {
        byte[] garbage = [0x00, 0xff, .. "{"u8];
        var first = await _letters.WriteAsync(garbage, source: "sensor-data:0:5", partition: 1);
        var second = await _letters.WriteAsync("{\"sensor_id\":7,\"temperature\":99999}", "invalid-value", "sensor-data:1:3");
        await _letters.WriteAsync("[]", "not-an-object", "sensor-data:1:4");

        var result = await _letters.RunAsync("requeue", first, second, "--yes");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("2 requeued (2 will be rejected again), 0 already requeued, 0 skipped (cannot be requeued)", result.Output);
        var readings = _letters.Read(DeadLetters.Readings).ToDictionary(DeadLetters.HeadersOf);
        Assert.Equal(2, readings.Count);
        var without = readings[$"dead-letter.id={first} dead-letter.topic=sensor-data-dlq"];
        var with = readings[$"dead-letter.id={second} dead-letter.topic=sensor-data-dlq"];
        Assert.Equal(garbage, without.Message.Value!);
        Assert.Null(without.Message.Key);
        Assert.Equal("{\"sensor_id\":7,\"temperature\":99999}"u8, with.Message.Value!);
        Assert.Equal("7"u8, with.Message.Key!);
        var mark = Assert.Single(
            _letters.Read(DeadLetters.Topic),
            record => DeadLetters.HeadersOf(record).Contains($"letter={first} ", StringComparison.Ordinal));
        Assert.Equal(
            $"letter={first} mark=requeued requeued.to=sensor-data source.offset=5 source.partition=0 source.topic=sensor-data",
            DeadLetters.HeadersOf(mark));
        Assert.Null(mark.Message.Value);
        Assert.Equal(1, mark.Partition.Value);
    }

    [Fact]
    public async Task A_second_requeue_does_nothing_and_says_so()
    {
        var id = await _letters.WriteAsync("garbage");
        await _letters.RunAsync("requeue", "--all-open", "--yes");

        var again = await _letters.RunAsync("requeue", "--reason", "not-json", "--json");
        var shown = await _letters.RunAsync("show", id);
        var open = await _letters.RunAsync("list");
        var all = await _letters.RunAsync("list", "--all");

        Assert.True(again.ExitCode == 0, again.ToString());
        var summary = Assert.Single(Json(again.Output));
        Assert.Equal((0, 1), (summary.GetProperty("requeued").GetInt32(), summary.GetProperty("already_requeued").GetInt32()));
        Assert.Single(_letters.Read(DeadLetters.Readings));
        Assert.Matches(@"\nstate     requeued to sensor-data at 20\d\d-\d\d-\d\dT[\d:.]+Z\n", shown.Output);
        Assert.Empty(open.Output);
        Assert.Equal("0 dead letters; 1 requeued, list them with --all", open.Error.Trim());
        Assert.Matches(@"^0:0 .* requeued 20\d\d-\d\d-\d\dT[\d:]+Z +garbage$", all.Output);
    }

    [Fact]
    public async Task Copies_of_a_letter_are_listed_and_requeued_once_and_all_marked()
    {
        var first = await _letters.WriteAsync("garbage", source: "sensor-data:0:5");
        await _letters.WriteAsync("garbage", source: "sensor-data:0:6");
        var copy = await _letters.WriteAsync("garbage", source: "sensor-data:0:5", partition: 1);
        await _letters.WriteAsync("another", source: "sensor-data:0:5", partition: 1);

        var listed = Json((await _letters.RunAsync("list", "--json")).Output).ToList();
        var result = await _letters.RunAsync("requeue", "--source", "sensor-data:0:5", "--yes");
        var byCopy = await _letters.RunAsync("requeue", copy);

        Assert.Equal(3, listed.Count);
        Assert.Equal([first, copy], listed[0].GetProperty("copies").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal("2 requeued (2 will be rejected again), 0 already requeued, 0 skipped (cannot be requeued)", result.Output);
        Assert.Equal("0 requeued, 1 already requeued, 0 skipped (cannot be requeued)", byCopy.Output);
        Assert.Equal(["another", "garbage"], Texts().Order());
        var marked = _letters.Read(DeadLetters.Topic).Select(DeadLetters.HeadersOf)
            .Where(headers => headers.Contains("mark=", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, marked.Count);
        Assert.Contains(marked, headers => headers.StartsWith($"letter={first} ", StringComparison.Ordinal));
        Assert.Contains(marked, headers => headers.StartsWith($"letter={copy} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interrupted_requeue_says_so_and_the_next_one_does_the_rest_and_no_more()
    {
        const int Count = 10_000;
        await Task.WhenAll(Enumerable.Range(0, Count)
            .Select(i => _letters.WriteAsync($"garbage {i}", source: $"sensor-data:0:{i}", partition: i % 2)));
        _letters.SetRoundTrip(TimeSpan.FromMilliseconds(100));
        await using var requeue = _letters.Start("requeue", "--all-open", "--yes");
        await _letters.UntilAnyReadingAsync();

        await requeue.SignalAsync("INT");
        var interrupted = await requeue.ExitAsync();
        _letters.SetRoundTrip(TimeSpan.Zero);
        var before = _letters.Read(DeadLetters.Readings).Count;
        var rest = await _letters.RunAsync("requeue", "--all-open", "--json", "--yes");

        Assert.True(interrupted.ExitCode == 3, interrupted.ToString());
        Assert.Contains("stopped early: it was interrupted", interrupted.Error, StringComparison.Ordinal);
        Assert.InRange(before, 1, Count - 1);
        Assert.StartsWith(
            FormattableString.Invariant($"{before:N0} requeued ({before:N0} will be rejected again), "),
            interrupted.Output,
            StringComparison.Ordinal);
        Assert.True(rest.ExitCode == 0, rest.ToString());
        var readings = Texts().ToList();
        Assert.Equal((Count, Count), (readings.Count, readings.Distinct().Count()));
    }

    [Fact]
    public async Task What_cannot_be_put_back_is_named_and_exit_code_3()
    {
        var tombstone = await _letters.WriteAsync((byte[]?)null, "tombstone");
        var truncated = await _letters.WriteAsync(new byte[10], "too-large", originalSize: 300_000);
        var foreign = await _letters.WriteAsync("{}", "no-sensor-id", "elsewhere:0:1");
        await _letters.WriteAsync("garbage");

        var result = await _letters.RunAsync("requeue", "--all-open", "--yes");

        Assert.True(result.ExitCode == 3, result.ToString());
        Assert.Equal("1 requeued (1 will be rejected again), 0 already requeued, 3 skipped (cannot be requeued)", result.Output);
        Assert.Contains($"{tombstone} cannot be requeued: it is a tombstone", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"{truncated} cannot be requeued: it was truncated: only 10 of its 300000 bytes", result.Error, StringComparison.Ordinal);
        Assert.Contains($"{foreign} cannot be requeued: it comes from \"elsewhere\"", result.Error, StringComparison.Ordinal);
        Assert.Single(_letters.Read(DeadLetters.Readings));
    }

    [Fact]
    public async Task A_corrected_message_takes_the_place_of_one_that_is_marked_and_stays_as_it_was()
    {
        using var folder = new TemporaryDirectory();
        var corrected = $"{{\"sensor_id\":7,\"timestamp\":{DateTimeOffset.UtcNow.ToUnixTimeSeconds()},\"temperature\":21}}";
        await File.WriteAllTextAsync(folder.File("corrected.json"), corrected, TestContext.Current.CancellationToken);
        var garbage = await _letters.WriteAsync("garbage");
        var tombstone = await _letters.WriteAsync((byte[]?)null, "tombstone");
        await _letters.WriteAsync("more garbage", source: "sensor-data:0:9");

        var result = await _letters.RunAsync("requeue", garbage, "--value", folder.File("corrected.json"));
        var filled = await _letters.RunAsync("requeue", tombstone, "--value", folder.File("corrected.json"));
        var shown = await _letters.RunAsync("show", garbage);

        Assert.True(result.ExitCode == 0 && filled.ExitCode == 0, $"{result} {filled}");
        Assert.Equal("1 requeued, 0 already requeued, 0 skipped (cannot be requeued)", result.Output);
        Assert.Equal([corrected, corrected], Texts());
        Assert.EndsWith("\n\ngarbage", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_be_rejected_again_is_counted_before_anything_is_written()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await _letters.WriteAsync("garbage", source: "sensor-data:0:1");
        await _letters.WriteAsync("[]", "not-an-object", "sensor-data:0:2");
        await _letters.WriteAsync("{}", "no-sensor-id", "sensor-data:0:3");
        var good = await _letters.WriteAsync($"{{\"sensor_id\":7,\"timestamp\":{now}}}", "invalid-timestamp", "sensor-data:0:4");

        var refused = await _letters.RunAsync("requeue", "--all-open");
        var first = await _letters.RunAsync("requeue", "--all-open", "--limit", "1");
        var accepted = await _letters.RunAsync("requeue", good);
        var confirmed = await _letters.RunAsync("requeue", "--all-open", "--yes", "--json");

        refused.AssertCouldNotRun("Requeuing 4 dead letters of topic sensor-data-dlq");
        Assert.Contains(
            "; 3 will be rejected again (1 no-sensor-id, 1 not-an-object, 1 not-json)", refused.Error, StringComparison.Ordinal);
        first.AssertCouldNotRun("Requeuing 1 dead letter of");
        Assert.True(accepted.ExitCode == 0, accepted.ToString());
        Assert.Equal("1 requeued, 0 already requeued, 0 skipped (cannot be requeued)", accepted.Output);
        var summary = Assert.Single(Json(confirmed.Output));
        Assert.Equal((3, 3), (summary.GetProperty("requeued").GetInt32(), summary.GetProperty("rejected_again").GetInt32()));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var id = await _letters.WriteAsync("{\"sensor_id\":7}", "no-timestamp");

        var result = await _letters.RunAsync("requeue", "--all-open", "--dry-run");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith(
            $"{id} would go to sensor-data, with key 7, and be rejected again as no-timestamp\n"
            + "1 would be requeued (1 will be rejected again), ",
            result.Output,
            StringComparison.Ordinal);
        Assert.Empty(_letters.Read(DeadLetters.Readings));
        Assert.Single(_letters.Read(DeadLetters.Topic));
    }

    [Fact]
    public async Task The_details_of_a_letter_are_one_JSON_object_that_holds_its_bytes()
    {
        byte[] bytes = [0xff, (byte)'"', 0x00];
        var id = await _letters.WriteAsync(bytes, source: "sensor-data:3:17");

        var result = await _letters.RunAsync("show", id, "--json");

        var letter = Assert.Single(Json(result.Output));
        Assert.Equal(bytes, letter.GetProperty("base64").GetBytesFromBase64());
        Assert.Equal(17, letter.GetProperty("source").GetProperty("offset").GetInt64());
        Assert.Equal(("open", 3), (letter.GetProperty("state").GetString(), letter.GetProperty("size").GetInt32()));
        Assert.Contains(letter.GetProperty("headers").EnumerateArray(), header => header.GetProperty("value").GetString() == "not-json");
    }

    public void Dispose() => _letters.Dispose();

    private IEnumerable<string> Texts() =>
        _letters.Read(DeadLetters.Readings).Select(reading => Encoding.UTF8.GetString(reading.Message.Value!));

    /// <returns>The objects, one per line.</returns>
    private static IEnumerable<JsonElement> Json(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    /// <returns>What the executable writes to standard output, to the byte.</returns>
    private static async Task<byte[]> RawAsync(params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "dotnet", [Executable.Assembly, .. arguments])
        { RedirectStandardOutput = true })!;
        using var bytes = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(bytes);
        await process.WaitForExitAsync();
        return bytes.ToArray();
    }
}
