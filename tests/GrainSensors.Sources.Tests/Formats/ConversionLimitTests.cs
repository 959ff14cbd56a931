using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Tests.Formats;

/// <summary>What a message becomes on the way to readings is bounded, whatever its format repeats.</summary>
public sealed class ConversionLimitTests
{
    /// <summary>What one message may allocate, with buffers that grow to their size for the first time.</summary>
    private const long MaxAllocated = 32 * 1024 * 1024;

    private const string TooLarge = "too-large: the message must become at most 4194304 bytes of JSON; got more";
    private const string TooMany = "too-many-readings: the message must have at most 10000 readings; got more";

    private static readonly MappingOptions Mapping = new() { Sensor = "{key}", Numbers = "" };

    [Fact]
    public void Lines_of_CSV_that_repeat_long_names_are_too_large() => Assert.Equal(
        TooLarge,
        Read(
            new() { Format = SourceFormat.Csv, Mapping = Mapping },
            string.Join(',', Enumerable.Range(0, 1000).Select(n => $"{n:0000}{new string('x', 496)}")) + "\n"
            + string.Concat(Enumerable.Repeat(new string(',', 999) + "\n", 520))));

    [Fact]
    public void Records_of_SenML_that_repeat_a_long_name_are_too_large() => Assert.Equal(
        TooLarge,
        Read(
            new() { Preset = SourcePreset.SenMl },
            $$"""[{"bn":"{{new string('x', 400_000)}}:"}"""
            + string.Concat(Enumerable.Range(1, 20_000).Select(t => $$""",{"t":{{t}},"v":1}""")) + "]"));

    [Fact]
    public void Bad_lines_of_line_protocol_end_with_the_largest_number_of_readings() => Assert.Equal(
        TooMany, Read(new() { Preset = SourcePreset.Influx }, string.Concat(Enumerable.Repeat("x\n", 524_288))));

    [Fact]
    public void Bad_records_of_SenML_end_with_the_largest_number_of_readings() => Assert.Equal(
        TooMany, Read(new() { Preset = SourcePreset.SenMl }, $"[{string.Join(',', Enumerable.Repeat('0', 524_000))}]"));

    [Fact]
    public void Lines_of_NDJSON_end_with_the_largest_number_of_readings() => Assert.Equal(
        TooMany, Read(new() { Format = SourceFormat.NdJson, Mapping = Mapping }, string.Concat(Enumerable.Repeat("1\n", 524_288))));

    private static string Read(SourceOptions options, string payload)
    {
        var (reader, log, bytes) = (new SourceReader(options), new ReadingLog(), Encoding.UTF8.GetBytes(payload));
        var before = GC.GetAllocatedBytesForCurrentThread();

        reader.Read(new SourceMessage(bytes) { Key = "k"u8, Timestamp = 0 }, log);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        return log.Rejection;
    }
}
