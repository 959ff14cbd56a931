using CsCheck;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Tests.Statistics;

/// <summary>Sketches and series of values to test them with.</summary>
internal static class SketchValues
{
    /// <summary>Values as of sensors, near zero, of both signs, and over more than the range that a sketch keeps.</summary>
    public static readonly Gen<double[]> Any = Gen.OneOf(
        Gen.Double[-50, 50].Array[0, 200],
        Gen.Double[20, 21].Array[1, 200],
        Gen.Double[-1e-9, 1e-9].Array[1, 200],
        Wide(-20, 20).Array[1, 200],
        Wide(-320, 308).Array[1, 200],
        Gen.Const(0.0).Array[1, 5]);

    public static QuantileSketch Of(params IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        foreach (var value in values)
        {
            sketch.Add(value);
        }

        return sketch;
    }

    /// <summary>Both signs of 10^e, of any e between two.</summary>
    public static Gen<double> Wide(double from, double to) =>
        Gen.Select(Gen.Double[from, to], Gen.Bool).Select((e, negative) => negative ? -Math.Pow(10, e) : Math.Pow(10, e));

    /// <summary>One value in each of 2048 neighbouring buckets, from 1 upwards.</summary>
    public static IEnumerable<double> InEachBucket() => Enumerable.Range(0, 2048).Select(i => Math.Pow(1.01 / 0.99, i + 0.5));
}
