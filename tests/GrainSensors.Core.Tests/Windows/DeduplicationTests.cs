using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class DeduplicationTests
{
    [Theory]
    [InlineData(60, 1, 3)]
    [InlineData(900, 10, 2)]
    [InlineData(3600, 60, 3)]
    [InlineData(1, 0.1, 8)]
    public void A_window_whose_values_fit_is_accepted(int period, double resolution, int measurements) =>
        Assert.Equal(
            (long)(resolution * 1e6),
            new Deduplication(Period.FromSeconds(period), TimeSpan.FromSeconds(resolution), measurements).Resolution);

    [Theory]
    [InlineData(
        900, 1, 2,
        "Deduplicate would keep up to 14636 bytes in each row, more than 1536: 900 steps of 1 s in PT15M, 8 bytes each, "
        + "for 2 measurements. Set DeduplicateResolution to 10s or longer, or Period to PT1M30S or shorter.")]
    [InlineData(
        60, 1, 8,
        "Deduplicate would keep up to 3944 bytes in each row, more than 1536: 60 steps of 1 s in PT1M, 8 bytes each, for 8 measurements. "
        + "Set DeduplicateResolution to 3s or longer, or Period to PT20S or shorter.")]
    [InlineData(900, 7, 2, "DeduplicateResolution must divide Period (PT15M) into whole steps; got 7 s. Use 1s, for example.")]
    [InlineData(900, 0, 2, "DeduplicateResolution must divide Period (PT15M) into whole steps; got 0 s. Use 1s, for example.")]
    public void A_window_whose_values_do_not_fit_is_refused_with_the_cure(int period, int resolution, int measurements, string message) =>
        Assert.Equal(
            message,
            Assert.Throws<ArgumentException>(
                () => new Deduplication(Period.FromSeconds(period), TimeSpan.FromSeconds(resolution), measurements)).Message);

    [Fact]
    public void Values_survive_their_bytes_and_cut_ones_are_refused()
    {
        var values = new StepValues(13) { [0] = 1.5, [8] = -0.25, [12] = 1e300 };
        var bytes = values.ToBytes();
        Assert.Equal(5 + 2 + (3 * 8), bytes.Length);
        var read = StepValues.Parse(bytes);
        Assert.Equal(Enumerable.Range(0, 13).Select(step => values[step]), Enumerable.Range(0, 13).Select(step => read[step]));
        Assert.Equal(values.Statistics(), read.Statistics());
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<FormatException>(() => StepValues.Parse(bytes.AsSpan(0, length)));
        }
    }
}
