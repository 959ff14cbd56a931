using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Mapping;
using GrainSensors.Sources.Presets;
using GrainSensors.Sources.Tests.Presets;

namespace GrainSensors.Sources.Tests.Fuzzing;

/// <summary>The short cut for plain documents never changes a result.</summary>
public sealed class PlainScanTests
{
    private static readonly int Payloads = TestLength.IsLong ? 500_000 : 20_000;

    [Theory]
    [InlineData(SourcePreset.ChirpStack)]
    [InlineData(SourcePreset.ThingsStack)]
    [InlineData(SourcePreset.ThingsBoardGateway)]
    [InlineData(SourcePreset.ThingsBoard)]
    [InlineData(SourcePreset.Zigbee2Mqtt)]
    [InlineData(SourcePreset.Tasmota)]
    public void Whatever_the_bytes_both_scans_find_the_same(SourcePreset preset)
    {
        var seed = Encoding.UTF8.GetBytes(preset switch
        {
            SourcePreset.ChirpStack => Samples.ChirpStack,
            SourcePreset.ThingsStack => Samples.ThingsStack,
            SourcePreset.ThingsBoardGateway => Samples.ThingsBoardGateway,
            SourcePreset.ThingsBoard => Samples.ThingsBoard,
            SourcePreset.Zigbee2Mqtt => Samples.Zigbee2Mqtt,
            _ => Samples.Tasmota,
        });
        var plain = Scans(preset);
        var any = Scans(preset);
        var random = new Random(11);
        var (valid, shortCuts) = (0, 0);
        for (var i = 0; i < Payloads; i++)
        {
            var payload = i == 0 ? seed : Mutation.Of(seed, random);
            foreach (var (ours, theirs) in plain.Zip(any))
            {
                var isValid = theirs.Scan.TryScanAny(payload, out _);
                Assert.True(isValid == ours.Scan.TryScan(payload, out _), Convert.ToBase64String(payload));
                shortCuts += ours.Scan.TryScanPlain(payload) ? 1 : 0;
                if (isValid)
                {
                    valid++;
                    ours.Scan.TryScan(payload, out _);
                    Assert.True(Describe(theirs) == Describe(ours), Convert.ToBase64String(payload));
                }
            }
        }

        Assert.True(valid > Payloads / 50 && shortCuts > Payloads / 50, $"{valid}, {shortCuts}");
        Assert.True(shortCuts <= valid, $"{shortCuts} of {valid}");
    }

    /// <returns>The scans of the message and of its readings.</returns>
    private static (TreeScan Scan, NumberList? Numbers)[] Scans(SourcePreset preset)
    {
        var plan = MappingCompiler.Compile(KnownPayload.Of(preset).Mapping);
        var reading = (new TreeScan(plan.Reading, plan.Numbers), plan.Numbers);
        return plan.Readings is null ? [reading] : [(new TreeScan(plan.Message, null), null), reading];
    }

    private static string Describe((TreeScan Scan, NumberList? Numbers) scan)
    {
        var text = new StringBuilder();
        text.AppendJoin(' ', scan.Scan.Slots.ToArray()).AppendLine().AppendJoin(' ', scan.Scan.Readings.ToArray()).AppendLine();
        for (var i = 0; i < (scan.Numbers?.Count ?? 0); i++)
        {
            text.Append(Encoding.UTF8.GetString(scan.Numbers!.NameOf(i))).Append('=').Append(scan.Numbers.ValueOf(i)).Append(' ');
        }

        return text.Append(scan.Numbers?.HasInvalidName).Append(scan.Numbers?.HasInvalidValue).Append(scan.Numbers?.IsFull).ToString();
    }
}
