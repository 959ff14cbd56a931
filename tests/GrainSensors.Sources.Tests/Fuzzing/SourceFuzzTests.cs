using System.Formats.Cbor;
using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Tests.Presets;

namespace GrainSensors.Sources.Tests.Fuzzing;

/// <summary>Random changes of each sample: nothing is thrown, and nothing invalid or unbounded comes out.</summary>
public sealed class SourceFuzzTests
{
    /// <summary>The number of payloads. A number instead of a duration tries the same payloads on every machine.</summary>
    private static readonly int Payloads = TestLength.IsLong ? 500_000 : 20_000;

    /// <summary>What a message of a few hundred bytes may cost on average, with all texts of its rejections.</summary>
    private const long MaxAllocated = 32 * 1024;

    [Theory]
    [InlineData(SourcePreset.ChirpStack, "")]
    [InlineData(SourcePreset.ThingsStack, "")]
    [InlineData(SourcePreset.ThingsBoardGateway, "")]
    [InlineData(SourcePreset.ThingsBoard, "")]
    [InlineData(SourcePreset.Zigbee2Mqtt, "zigbee2mqtt/fridge")]
    [InlineData(SourcePreset.Tasmota, "tele/cellar/SENSOR")]
    [InlineData(SourcePreset.HomeAssistant, "ha/sensor/outdoor/state")]
    [InlineData(SourcePreset.SenMl, "")]
    [InlineData(SourcePreset.SenMlCbor, "")]
    [InlineData(SourcePreset.Influx, "")]
    public void Whatever_the_bytes_a_preset_answers(SourcePreset preset, string topic)
    {
        byte[] seed = preset switch
        {
            SourcePreset.ChirpStack => Encoding.UTF8.GetBytes(Samples.ChirpStack),
            SourcePreset.ThingsStack => Encoding.UTF8.GetBytes(Samples.ThingsStack),
            SourcePreset.ThingsBoardGateway => Encoding.UTF8.GetBytes(Samples.ThingsBoardGateway),
            SourcePreset.ThingsBoard => Encoding.UTF8.GetBytes(Samples.ThingsBoard),
            SourcePreset.Zigbee2Mqtt => Encoding.UTF8.GetBytes(Samples.Zigbee2Mqtt),
            SourcePreset.Tasmota => Encoding.UTF8.GetBytes(Samples.Tasmota),
            SourcePreset.HomeAssistant => "21.5"u8.ToArray(),
            SourcePreset.SenMl => Encoding.UTF8.GetBytes(Samples.SenMl),
            SourcePreset.SenMlCbor => CborSenMl(),
            _ => Encoding.UTF8.GetBytes(Samples.Influx),
        };
        Run(new() { Preset = preset }, seed, topic);
    }

    [Theory]
    [InlineData(SourceFormat.Json)]
    [InlineData(SourceFormat.NdJson)]
    [InlineData(SourceFormat.Csv)]
    [InlineData(SourceFormat.Cbor)]
    public void Whatever_the_bytes_a_format_answers(SourceFormat format)
    {
        byte[] seed = format switch
        {
            SourceFormat.Csv => "id,time,a,\"b \"\"c\"\"\"\r\nx 1,1795515300,21.5,\"1\"\r\n2,2026-11-24 10:15:00,,-3e2\r\n"u8.ToArray(),
            SourceFormat.Cbor => CborReading(),
            SourceFormat.NdJson => """
                {"id":"x","time":1795515300,"a":21.5,"b":{"c":[1,true,null]}}
                {"id":2,"a":1}
                """u8.ToArray(),
            _ => """{"id":"k\u00fcche","time":1795515300.5,"a":21.5,"b":{"c\u0041":[1,{"x":true},null,"z"]}}"""u8.ToArray(),
        };
        Run(
            new()
            {
                Format = format,
                Mapping = new()
                {
                    Sensor = "s-{/id}",
                    Time = "/time",
                    Values = new Dictionary<string, string> { ["first"] = "/a" },
                    Numbers = "",
                    Prefix = "x{/id}_",
                },
            },
            seed,
            "");
    }

    private static void Run(SourceOptions options, byte[] seed, string topic) =>
        Run(new SourceReader(options), $"{options.Preset} {options.Format}", seed, topic);

    /// <param name="header">What stays in front of each payload.</param>
    internal static void Run(SourceReader reader, string what, byte[] seed, string topic, byte[]? header = null)
    {
        var sink = new CheckingSink();
        var name = Encoding.UTF8.GetBytes(topic);
        var random = new Random(7);
        byte[] front = header ?? [];
        var payloads = Enumerable.Range(0, Payloads)
            .Select(n => (byte[])[.. front, .. n % 20 == 0 ? Noise(random) : Mutation.Of(seed, random)]).ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var payload in payloads)
        {
            sink.BeginMessage();
            try
            {
                reader.Read(new(payload) { Topic = name, Key = "key"u8, Timestamp = 1_795_515_300_000_000 }, sink);
                sink.EndMessage();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(Convert.ToBase64String(payload), e);
            }
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Payloads, 0, MaxAllocated);

        // Readings and rejections must both occur, or the test would prove little.
        Assert.True(sink.Readings > Payloads / 50 && sink.Rejections > Payloads / 50, $"{sink.Readings}, {sink.Rejections}");
        Figures.Print($"{what}: {sink.Readings} readings, {sink.Values} values, {sink.Rejections} rejected");
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] CborReading()
    {
        var cbor = new CborWriter();
        cbor.WriteStartMap(4);
        cbor.WriteTextString("id");
        cbor.WriteInt32(7);
        cbor.WriteTextString("time");
        cbor.WriteTag(CborTag.UnixTimeSeconds);
        cbor.WriteDouble(1795515300.5);
        cbor.WriteTextString("a");
        cbor.WriteHalf((Half)21.5);
        cbor.WriteTextString("b");
        cbor.WriteStartArray(3);
        cbor.WriteBoolean(true);
        cbor.WriteNull();
        cbor.WriteByteString([1, 2, 3]);
        cbor.WriteEndArray();
        cbor.WriteEndMap();
        return cbor.Encode();
    }

    /// <summary>RFC 8428, section 6, has the labels.</summary>
    internal static byte[] CborSenMl()
    {
        var cbor = new CborWriter();
        cbor.WriteStartArray(2);
        cbor.WriteStartMap(4);
        cbor.WriteInt32(-2);
        cbor.WriteTextString("urn:dev:mac:0024befffe804ff1/");
        cbor.WriteInt32(-3);
        cbor.WriteDouble(1795515300);
        cbor.WriteInt32(0);
        cbor.WriteTextString("voltage");
        cbor.WriteInt32(2);
        cbor.WriteDouble(120.5);
        cbor.WriteEndMap();
        cbor.WriteStartMap(2);
        cbor.WriteInt32(0);
        cbor.WriteTextString("current");
        cbor.WriteInt32(2);
        cbor.WriteHalf((Half)1.5);
        cbor.WriteEndMap();
        cbor.WriteEndArray();
        return cbor.Encode();
    }
}
