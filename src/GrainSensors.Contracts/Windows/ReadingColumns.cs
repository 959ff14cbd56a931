using System.Runtime.InteropServices;
using GrainSensors.Core.Readings;

namespace GrainSensors.Contracts.Windows;

/// <summary>The values of readings in a message between silos.</summary>
/// <remarks>
/// Values of declared measurements are a table with a column for each, as version 0.1 has it; NaN stands for no value. If there are
/// others, or many columns that are mostly empty, each value has the place of its measurement in a list of names. Either has the names:
/// numbers stay in their process.
/// </remarks>
internal readonly struct ReadingColumns
{
    /// <summary>The most measurements of version 0.1, which reads tables only.</summary>
    private const int MaxTable = 8;

    /// <summary>The width of the table; 0 if values have places.</summary>
    public int Width { get; init; }

    public double[] Values { get; init; }

    /// <summary>The names of the measurements or columns; null: version 0.1 has written the table.</summary>
    public string[]? Measurements { get; init; }

    /// <summary>The number of values of each reading.</summary>
    public ushort[]? Counts { get; init; }

    /// <summary>The place of the measurement of each value.</summary>
    public ushort[]? Places { get; init; }

    public static ReadingColumns Of(ReadOnlySpan<BatchedReading> readings, ReadingBatch batch, MeasurementCatalog catalog)
    {
        var (count, width) = (0, 0);
        foreach (ref readonly var reading in readings)
        {
            count += reading.ValueCount;
            foreach (var (measurement, _) in batch.ValuesOf(reading))
            {
                width = Math.Max(width, measurement + 1);
            }
        }

        // A value of a list takes the place of its measurement, too: a table is smaller unless most of it is empty.
        var isTable = width <= catalog.Declared.Count && (width <= MaxTable || count * 2L > (long)readings.Length * width);
        return isTable ? Table(readings, batch, width, catalog) : List(readings, batch, count, catalog);
    }

    /// <param name="readings">The readings without their values.</param>
    /// <returns>A batch of the readings with their values.</returns>
    public ReadingBatch ToBatch(ReadOnlySpan<BatchedReading> readings, MeasurementCatalog catalog)
    {
        var batch = new ReadingBatch(readings.Length);
        batch.Reserve(0, Values.Length);
        var numbers = Measurements is null ? [] : Array.ConvertAll(Measurements, catalog.NumberOf);
        var (values, next) = (new List<MeasuredValue>(), 0);
        for (var i = 0; i < readings.Length; i++)
        {
            values.Clear();
            for (var left = Counts is null ? Width : Counts[i]; left > 0; left--, next++)
            {
                var place = Places is null ? Width - left : Places[next];
                var measurement = Measurements is null ? place : numbers[place];
                // A silo of version 0.1 may have more columns.
                if (!double.IsNaN(Values[next]) && (Measurements is not null || measurement < catalog.Declared.Count))
                {
                    values.Add(new(measurement, Values[next]));
                }
            }

            batch.Add(readings[i], CollectionsMarshal.AsSpan(values));
        }

        return batch;
    }

    private static ReadingColumns Table(ReadOnlySpan<BatchedReading> readings, ReadingBatch batch, int width, MeasurementCatalog catalog)
    {
        var values = new double[readings.Length * width];
        Array.Fill(values, double.NaN);
        for (var i = 0; i < readings.Length; i++)
        {
            foreach (var (measurement, value) in batch.ValuesOf(readings[i]))
            {
                values[(i * width) + measurement] = value;
            }
        }

        return new() { Width = width, Values = values, Measurements = catalog.Declared.NamesOf(width) };
    }

    private static ReadingColumns List(ReadOnlySpan<BatchedReading> readings, ReadingBatch batch, int count, MeasurementCatalog catalog)
    {
        var (values, places, counts) = (new double[count], new ushort[count], new ushort[readings.Length]);
        var (placeOf, next) = (new Dictionary<int, ushort>(), 0);
        for (var i = 0; i < readings.Length; i++)
        {
            counts[i] = (ushort)readings[i].ValueCount;
            foreach (var (measurement, value) in batch.ValuesOf(readings[i]))
            {
                placeOf.TryAdd(measurement, (ushort)placeOf.Count);
                (values[next], places[next++]) = (value, placeOf[measurement]);
            }
        }

        return new() { Values = values, Measurements = [.. placeOf.Keys.Select(catalog.NameOf)], Counts = counts, Places = places };
    }
}
