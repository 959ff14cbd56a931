using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Grains.Tests.Sensors;

/// <summary>Faults of simulated sensors that are named by a tag.</summary>
public sealed class LastingFaultTests
{
    private const long Hour = 3600 * EpochTime.MicrosPerSecond;
    private const long Since = 1_796_382_412L * EpochTime.MicrosPerSecond;

    [Theory]
    [InlineData(LastingFaultKind.Silent, "silent since 2026-12-04T11:06:52Z")]
    [InlineData(LastingFaultKind.Stuck, "stuck since 2026-12-04T11:06:52Z")]
    [InlineData(LastingFaultKind.Drift, "drift since 2026-12-04T11:06:52Z")]
    public void A_tag_says_what_the_fault_is_and_since_when(LastingFaultKind kind, string text)
    {
        var fault = new LastingFault(kind, Since);
        Assert.Equal(text, fault.ToString());
        Assert.Equal(fault, LastingFault.Of(Tag(text)));
    }

    [Theory]
    [InlineData("broken since 2026-12-04T11:06:52Z")]
    [InlineData("none since 2026-12-04T11:06:52Z")]
    [InlineData("1 since 2026-12-04T11:06:52Z")]
    [InlineData("stuck since lunch")]
    [InlineData("stuck")]
    [InlineData("stuck since 2026-12-04T11:06:52Z since 2026-12-04T11:06:52Z")]
    public void A_tag_that_names_no_fault_is_none(string text) =>
        Assert.Equal(LastingFaultKind.None, LastingFault.Of(Tag(text)).Kind);

    [Fact]
    public void A_sensor_without_the_tag_has_no_fault() =>
        Assert.Equal(default, LastingFault.Of(SensorTags.Of([new("room", "stuck since 2026-12-04T11:06:52Z")])));

    [Fact]
    public void A_silent_sensor_is_silent_from_then_on()
    {
        var fault = new LastingFault(LastingFaultKind.Silent, Since);
        Assert.Equal((false, true, true), (fault.IsSilentAt(Since - 1), fault.IsSilentAt(Since), fault.IsSilentAt(Since + (1000 * Hour))));
    }

    [Fact]
    public void A_stuck_sensor_keeps_the_temperature_of_that_time_and_measures_the_humidity()
    {
        var (faulty, sound) = (Sensor(LastingFaultKind.Stuck), Sensor(LastingFaultKind.None));
        var stuck = sound.ReadingAt(Since).Values[0];
        var humidities = new HashSet<double>();
        for (var second = 0; second < 20_000; second++)
        {
            var (before, after) = (Since - Seconds(second + 1), Since + Seconds(second));
            Assert.Equal(sound.ReadingAt(before).Values[0], faulty.ReadingAt(before).Values[0]);
            Assert.Equal((stuck, sound.ReadingAt(after).Values[1]), (faulty.ReadingAt(after).Values[0], faulty.ReadingAt(after).Values[1]));
            humidities.Add(faulty.ReadingAt(after).Values[1]);
        }

        Assert.True(humidities.Count > 10);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(4, 3)]
    [InlineData(20, 15)]
    [InlineData(2000, 15)]
    public void A_drifting_sensor_departs_steadily_up_to_a_limit(int hours, double drift)
    {
        var moment = Since + (hours * Hour);
        var (faulty, sound) = (Sensor(LastingFaultKind.Drift).ReadingAt(moment), Sensor(LastingFaultKind.None).ReadingAt(moment));
        Assert.Equal(drift, faulty.Values[0] - sound.Values[0], 1e-9);
    }

    private static long Seconds(int count) => count * EpochTime.MicrosPerSecond;

    private static SensorTags Tag(string text) => SensorTags.Of([new(LastingFault.Tag, text)]);

    private static SimulatedSensor Sensor(LastingFaultKind kind) =>
        new(7, MeasurementSet.Default, seed: 0, errors: 0) { Lasting = new(kind, Since) };
}
