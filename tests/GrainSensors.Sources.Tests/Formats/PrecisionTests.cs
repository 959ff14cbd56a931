using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Tests.Formats;

/// <summary>The unit of the times in line protocol, which a header gives.</summary>
public sealed class PrecisionTests
{
    private static readonly SourceOptions Influx = new() { Preset = SourcePreset.Influx };

    [Theory]
    [InlineData("ns", "1795515300000000000")]
    [InlineData("us", "1795515300000000")]
    [InlineData("ms", "1795515300000")]
    [InlineData("s", "1795515300")]
    [InlineData("", "1795515300000000000")]
    public void The_header_gives_the_unit_of_the_times_in_line_protocol(string precision, string time) =>
        Assert.Equal("pi1 2026-11-24T10:15:00Z m_a=1", Read(Influx, $"m,host=pi1 a=1 {time}", precision).Line);

    [Fact]
    public void It_precedes_the_unit_of_the_mapping()
    {
        var seconds = Influx with { Mapping = new() { TimeUnit = TimeUnit.S } };
        Assert.Equal("pi1 2026-11-24T10:15:00Z m_a=1", Read(seconds, "m,host=pi1 a=1 1795515300000", "ms").Line);
        Assert.Equal("pi1 2026-11-24T10:15:00Z m_a=1", Read(seconds, "m,host=pi1 a=1 1795515300", "").Line);
    }

    [Fact]
    public void Another_unit_rejects_the_message() => Assert.Equal(
        "malformed: the header influx.precision must be ns, us, ms or s; got \"h\"",
        Read(Influx, "m,host=pi1 a=1 498754\nm,host=pi1 a=2 498755", "h").Rejection);

    [Fact]
    public void Other_formats_have_no_such_header()
    {
        var json = new SourceOptions
        {
            Mapping = new() { Sensor = "{/id}", Time = "/time", TimeUnit = TimeUnit.S, Numbers = "", Exclude = ["id"] },
        };
        Assert.Equal("7 2026-11-24T10:15:00Z a=1", Read(json, """{"id":7,"time":1795515300,"a":1}""", "ms").Line);
    }

    private static ReadingLog Read(SourceOptions source, string value, string precision) =>
        ReadingLog.Of(source, Encoding.UTF8.GetBytes(value), headers: new Precision(precision));

    private sealed class Precision(string text) : IMessageHeaders
    {
        public ReadOnlySpan<byte> Find(string name) => name == "influx.precision" ? Encoding.UTF8.GetBytes(text) : default;
    }
}
