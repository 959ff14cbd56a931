using System.Text.Json.Nodes;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Tests.Presets;

/// <summary>Of a whole uplink only what the codec has made is measured: no rssi, no coordinates, no counters.</summary>
public sealed class WholeUplinkTests
{
    private const int Orders = 500;

    [Theory]
    [InlineData(
        SourcePreset.ChirpStack,
        "24e124136c000004 2026-11-24T09:15:00.775023Z battery=92 door_open=0 humidity=62.5 temperature=25.7")]
    [InlineData(
        SourcePreset.ThingsStack,
        "70B3D57ED0001122 2026-11-24T10:15:01.103504Z leak=1 luminosity=0.64 soil_moisture=31 temperature=19.5")]
    public void A_whole_uplink_is_one_reading_whatever_the_order_of_its_members(SourcePreset preset, string line)
    {
        var uplink = preset == SourcePreset.ChirpStack ? WholeUplinks.ChirpStack : WholeUplinks.ThingsStack;
        Assert.Equal(line, Sorted(ReadingLog.Of(preset, uplink).Line));

        var random = new Random(3);
        for (var i = 0; i < Orders; i++)
        {
            Assert.Equal(line, Sorted(ReadingLog.Of(preset, Shuffled(JsonNode.Parse(uplink), random)!.ToJsonString()).Line));
        }
    }

    /// <summary>Values come in the order of the message.</summary>
    private static string Sorted(string line)
    {
        var parts = line.Split(' ');
        return string.Join(' ', [.. parts[..2], .. parts[2..].Order(StringComparer.Ordinal)]);
    }

    private static JsonNode? Shuffled(JsonNode? node, Random random)
    {
        if (node is JsonArray array)
        {
            return new JsonArray([.. array.Select(item => Shuffled(item, random))]);
        }

        if (node is not JsonObject members)
        {
            return node?.DeepClone();
        }

        var shuffled = members.Select(member => KeyValuePair.Create(member.Key, Shuffled(member.Value, random))).ToArray();
        random.Shuffle(shuffled);
        return new JsonObject(shuffled);
    }
}
