using CsCheck;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Grains.Tests.Sensors;

public sealed class CadenceTests
{
    private const long Second = EpochTime.MicrosPerSecond;

    private static readonly Gen<int> AnySensor = Gen.Int[0, int.MaxValue];

    [Fact]
    public void Sensors_share_ten_report_times_evenly()
    {
        var perTenth = Enumerable.Range(0, 10_000).CountBy(Cadence.PhaseOf).ToDictionary();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * Second / 10), perTenth.Keys.Order());
        Assert.All(perTenth.Values, n => Assert.InRange(n, 995, 1005));
    }

    [Fact]
    public void The_first_report_comes_within_a_second_at_the_phase_of_the_sensor() =>
        Gen.Select(AnySensor, Gen.Long[-10 * Second, 10 * Second]).Sample((id, now) =>
        {
            var due = Cadence.First(id, now);
            return due > now && due <= now + Second && (due - Cadence.PhaseOf(id)) % Second == 0;
        });

    [Fact]
    public void A_tick_that_is_early_or_late_by_less_than_a_second_shifts_nothing() =>
        Gen.Select(AnySensor, Gen.Long[-1000, Second - 1]).Sample((id, late) =>
        {
            var due = Cadence.First(id, 0);
            return Cadence.Next(id, due, due + late) == due + Second;
        });

    [Fact]
    public void What_was_missed_is_left_out() =>
        Gen.Select(AnySensor, Gen.Long[Second, 1000 * Second]).Sample((id, late) =>
        {
            var due = Cadence.First(id, 0);
            var next = Cadence.Next(id, due, due + late);
            return next > due + late && next <= due + late + Second && (next - due) % Second == 0;
        });

    [Fact]
    public void A_clock_that_is_set_back_stops_no_sensor() =>
        AnySensor.Sample(id => Cadence.Next(id, 3600 * Second, 0) <= Second);
}
