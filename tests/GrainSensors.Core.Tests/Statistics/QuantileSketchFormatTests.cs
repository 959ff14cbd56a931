using CsCheck;
using GrainSensors.Core.Statistics;

namespace GrainSensors.Core.Tests.Statistics;

public sealed class QuantileSketchFormatTests
{
    [Fact]
    public void The_bytes_are_what_the_database_reads()
    {
        // ln 20 / ln γ is 149.8, so 20 is in bucket 150 and 1/20 in −149.
        Assert.Equal("01 00 00 00", Hex([]));
        Assert.Equal("01 00 03 01 AC 02 02", Hex([0, 0, 0, 20]));
        Assert.Equal("01 01 AB 02 04 00 00", Hex([-20, -20]));
        Assert.Equal("01 02 AB 02 02 03 AA 02 00 03 A9 02 02 03 AA 02 02", Hex([20.3, 20, 0.05, -0.05, -20]));
    }

    [Fact]
    public void A_sketch_survives_its_bytes() =>
        SketchValues.Any.Sample(values =>
        {
            var sketch = SketchValues.Of(values);
            var read = QuantileSketch.Parse(sketch.ToBytes());
            Assert.Equal(sketch.ToBytes(), read.ToBytes());
            Assert.Equal(values.Length, read.Count);
            Assert.Equal(sketch.Quantile(0.3, -1, 1), read.Quantile(0.3, -1, 1));
            read.Add(7);
            Assert.Equal(SketchValues.Of([.. values, 7]).ToBytes(), read.ToBytes());
        });

    [Fact]
    public void Cut_and_extended_bytes_are_refused() =>
        SketchValues.Any.Sample(values =>
        {
            var bytes = SketchValues.Of(values).ToBytes();
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<FormatException>(() => QuantileSketch.Parse(bytes.AsSpan(0, length)));
            }

            Assert.Throws<FormatException>(() => QuantileSketch.Parse([.. bytes, 0]));
        });

    [Fact]
    public void Damaged_bytes_are_refused_or_those_of_another_sketch() =>
        Gen.Select(SketchValues.Any, Gen.Int, Gen.Int[1, 4]).Sample((values, seed, damages) =>
        {
            var random = new Random(seed);
            var bytes = SketchValues.Of(values).ToBytes();
            for (var damage = 0; damage < damages; damage++)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            AssertRefusedOrSound(bytes);
        });

    [Fact]
    public void Random_bytes_are_refused_or_those_of_a_sketch() =>
        Gen.Byte.Array[0, 40].Sample(bytes => AssertRefusedOrSound([1, .. bytes]));

    [Theory]
    [InlineData("", "no bytes")]
    [InlineData("02000000", "an unknown version")]
    [InlineData("0100800000", "a varint with a needless byte")]
    [InlineData("0100FFFFFFFFFFFFFFFF0100", "a varint that is too long")]
    [InlineData("0100FFFFFFFFFFFFFF7F00", "too many zeros")]
    [InlineData("01000001AC0200", "a bucket without values")]
    [InlineData("01000001AC020301", "a gap before the first bucket")]
    [InlineData("01000002AC02020300", "a gap of no buckets")]
    [InlineData("01000002AC020203FF0F", "a gap beyond the range")]
    [InlineData("01000002AC020203FFFFFFFFFFFFFF7F", "a gap that overflows")]
    [InlineData("0100008110AC0202", "more buckets than a sign has")]
    [InlineData("01000001FFFFFFFF0F02", "a bucket that no value has")]
    [InlineData("0101C0AA04020000", "a bucket beyond the greatest negative number")]
    [InlineData("01000002C0AA04020201", "a bucket beyond the greatest number")]
    [InlineData("01000003AC02FEFFFFFFFFFFFF7FFEFFFFFFFFFFFF7FFEFFFFFFFFFFFF7F", "too many values")]
    public void Bytes_that_no_sketch_has_are_refused(string bytes, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => QuantileSketch.Parse(Convert.FromHexString(bytes)));
        Assert.True(exception.Message == "The bytes of a quantile sketch are damaged or not of version 1.", reason);
    }

    [Fact]
    public void The_size_has_a_bound()
    {
        var sketch = SketchValues.Of(SketchValues.InEachBucket().SelectMany(value => new[] { value, -value }).Append(0));
        Assert.Equal(1 + (2 + 2 + 2048) + 1 + (2 + 1 + 2048), sketch.ToBytes().Length);
        while (sketch.Count < QuantileSketch.MaxCount / 2)
        {
            sketch.Merge(sketch);
        }

        Assert.InRange(sketch.ToBytes().Length, 20_000, QuantileSketch.MaxBytes);
        Assert.Equal(sketch.ToBytes(), QuantileSketch.Parse(sketch.ToBytes()).ToBytes());
        Assert.Throws<FormatException>(() => QuantileSketch.Parse(new byte[QuantileSketch.MaxBytes + 1]));
    }

    [Fact]
    public void Fifteen_minutes_of_temperatures_take_less_than_100_bytes()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 900).Select(i => 19 + (i / 300.0) + random.NextDouble());
        Assert.InRange(SketchValues.Of(values).ToBytes().Length, 10, 50);
    }

    private static string Hex(double[] values) => BitConverter.ToString(SketchValues.Of(values).ToBytes()).Replace('-', ' ');

    private static void AssertRefusedOrSound(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var sketch = QuantileSketch.Parse(bytes);

            // Two signs with all their buckets have 32 KiB.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 34_000);
            Assert.Equal(bytes, sketch.ToBytes());
            Assert.Equal(sketch.Count == 0, double.IsNaN(sketch.Quantile(0.5, double.NegativeInfinity, double.PositiveInfinity)));
        }
        catch (FormatException)
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 34_000);
        }
    }
}
