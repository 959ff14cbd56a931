using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

public sealed class ReadingBatchTests
{
    [Fact]
    public void Readings_keep_their_values_when_batches_are_joined_and_rearranged()
    {
        var (first, second) = (new ReadingBatch(), new ReadingBatch());
        Add(first, 1, 10, 11);
        Add(first, 2);
        Add(second, 3, 30);
        first.Add(second);
        Add(first, 4, 40, 41, 42);
        Assert.Equal(["1: 10 11", "2:", "3: 30", "4: 40 41 42"], Text(first));

        var sorted = new ReadingBatch();
        Add(sorted, 9, 90);
        var places = sorted.Rearrange(first);
        for (var i = 0; i < 4; i++)
        {
            places[3 - i] = first.Readings[i];
        }

        first.Clear();
        Add(first, 5, 50);
        Assert.Equal(["4: 40 41 42", "3: 30", "2:", "1: 10 11"], Text(sorted));
        Assert.Equal(["5: 50"], Text(first));
    }

    [Fact]
    public void A_reading_that_loses_all_its_values_is_left_out_and_one_without_any_stays()
    {
        var batch = new ReadingBatch { AwaitsNames = true };
        Add(batch, 1, 10, 11, 12);
        Add(batch, 2);
        Add(batch, 3, 30);
        var rest = batch.Without(measurement => measurement == 0);
        Assert.Equal(["1: 11 12", "2:"], Text(rest));
        Assert.False(rest.AwaitsNames);
    }

    private static void Add(ReadingBatch batch, int sensor, params double[] values) =>
        batch.Add(new() { SensorId = sensor }, [.. values.Select((value, i) => new MeasuredValue(i, value))]);

    private static string[] Text(ReadingBatch batch) => Array.ConvertAll(
        batch.Readings.ToArray(),
        reading => $"{reading.SensorId}:{string.Concat(batch.ValuesOf(reading).ToArray().Select(value => $" {value.Value}"))}");
}
