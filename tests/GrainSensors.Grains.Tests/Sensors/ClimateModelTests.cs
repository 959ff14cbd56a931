using CsCheck;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Grains.Tests.Sensors;

public sealed class ClimateModelTests
{
    private const long Minute = 60 * EpochTime.MicrosPerSecond;
    private const long Day = 24 * 60 * Minute;

    private static readonly long NewYear = EpochTime.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly Gen<ClimateModel> AnyClimate =
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int).Select((sensorId, seed) => new ClimateModel(sensorId, seed));

    [Fact]
    public void Each_day_is_coldest_at_5_and_warmest_at_15() =>
        Gen.Select(AnyClimate, Gen.Int[-20_000, 3000]).Sample(
            (climate, day) =>
            {
                var minutes = Enumerable.Range(0, 24 * 60)
                    .Select(m => climate.ExpectedTemperature(NewYear + (day * Day) + (m * Minute)))
                    .ToArray();
                Assert.Equal(5 * 60, Array.IndexOf(minutes, minutes.Min()));
                Assert.Equal(15 * 60, Array.IndexOf(minutes, minutes.Max()));
            },
            iter: 500);

    [Fact]
    public void Each_day_swings_by_its_amplitude_and_each_year_by_its_own() =>
        AnyClimate.Sample(
            climate =>
            {
                var days = Enumerable.Range(0, 365).Select(d => NewYear + (d * Day)).ToArray();
                var highs = days.Select(d => climate.ExpectedTemperature(d + (15 * 60 * Minute))).ToArray();
                var lows = days.Select(d => climate.ExpectedTemperature(d + (5 * 60 * Minute))).ToArray();
                Assert.InRange(Array.IndexOf(highs, highs.Max()) + 1, 199, 203); // 20 July is day 201
                Assert.InRange(Array.IndexOf(lows, lows.Min()) + 1, 16, 21); // half a year earlier
                Assert.Equal(climate.MeanTemperature + climate.YearlyAmplitude + climate.DailyAmplitude, highs.Max(), 0.01);
                Assert.Equal(climate.MeanTemperature - climate.YearlyAmplitude - climate.DailyAmplitude, lows.Min(), 0.01);
            },
            iter: 100);

    [Fact]
    public void The_temperature_has_no_steps() =>
        Gen.Select(AnyClimate, Gen.Long[-40 * 365 * Day, 40 * 365 * Day]).Sample((climate, moment) =>
            Math.Abs(climate.ExpectedTemperature(moment + EpochTime.MicrosPerSecond) - climate.ExpectedTemperature(moment)) < 0.001);

    [Fact]
    public void The_temperature_has_no_steps_at_its_turning_points_and_at_midnight() =>
        Gen.Select(AnyClimate, Gen.Int[-20_000, 20_000], Gen.OneOf(0, 5, 15)).Sample((climate, day, hour) =>
        {
            var moment = (day * Day) + (hour * 60 * Minute);
            return Math.Abs(climate.ExpectedTemperature(moment + 1) - climate.ExpectedTemperature(moment - 1)) < 1e-6;
        });

    [Fact]
    public void Noise_is_uniform_within_one_degree()
    {
        var climate = new ClimateModel(7, seed: 1);
        var noise = Seconds(200_000).Select(t => climate.At(t).Temperature - climate.ExpectedTemperature(t)).ToArray();
        Assert.All(noise, n => Assert.InRange(n, -ClimateModel.MaxNoise, ClimateModel.MaxNoise));
        Assert.Equal(0, noise.Average(), 0.01);
        for (var tenth = -10; tenth < 10; tenth++)
        {
            Assert.Equal(0.05, noise.Count(n => n >= tenth / 10.0 && n < (tenth + 1) / 10.0) / 200_000.0, 0.005);
        }
    }

    [Fact]
    public void Humidity_is_plausible_and_falls_as_the_temperature_rises()
    {
        var correlations = Enumerable.Range(0, 50).Select(sensorId =>
        {
            var climate = new ClimateModel(sensorId, seed: 1);
            var samples = Enumerable.Range(0, 365 * 24).Select(h => climate.At(NewYear + (h * 60 * Minute))).ToArray();
            Assert.All(samples, s => Assert.InRange(s.Humidity, 5, 100));
            var (t, h) = (samples.Average(s => s.Temperature), samples.Average(s => s.Humidity));
            Assert.InRange(h, 40, 80);
            return samples.Sum(s => (s.Temperature - t) * (s.Humidity - h))
                / Math.Sqrt(
                    samples.Sum(s => (s.Temperature - t) * (s.Temperature - t)) * samples.Sum(s => (s.Humidity - h) * (s.Humidity - h)));
        });
        Assert.All(correlations, c => Assert.InRange(c, -1, -0.9));
    }

    [Fact]
    public void The_same_seed_gives_the_same_and_others_give_others()
    {
        var moments = Seconds(100).ToArray();
        (double, double)[] Series(int sensorId, int seed) => [.. moments.Select(new ClimateModel(sensorId, seed).At)];
        Assert.Equal(Series(7, 1), Series(7, 1));
        Assert.NotEqual(Series(7, 1), Series(7, 2));
        Assert.NotEqual(Series(7, 1), Series(8, 1));
        Assert.True(Enumerable.Range(0, 1000).Select(id => new ClimateModel(id, 0).MeanTemperature).Distinct().Count() > 990);
    }

    private static IEnumerable<long> Seconds(int count) =>
        Enumerable.Range(0, count).Select(s => NewYear + (s * EpochTime.MicrosPerSecond));
}
