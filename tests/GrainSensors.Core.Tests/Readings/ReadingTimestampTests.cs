using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>The timestamps that the parser accepts, and the time that it reads.</summary>
public sealed class ReadingTimestampTests
{
    [Theory]
    [InlineData("""{"sensor_id":7,"temperature":21.5}""")]
    [InlineData("""{"sensor_id":7,"timestamp":null,"temperature":21.5}""")]
    [InlineData("""{"sensor_id":7,"Timestamp":1732400000}""")]
    public void A_reading_has_a_time(string text) => Assert.Equal(RejectReason.NoTimestamp, Parsing.ReasonFor(text));

    [Theory]
    [InlineData("1732400000", 1732400000_000000)]
    [InlineData("1732400000.5", 1732400000_500000)]
    [InlineData("1732400000.000001", 1732400000_000001)]
    [InlineData("1732400000.123456", 1732400000_123456)]
    [InlineData("1732400000000", 1732400000_000000)]
    [InlineData("1732400000123", 1732400000_123000)]
    [InlineData("1732400000123.456", 1732400000_123456)]
    [InlineData("1.7324e9", 1732400000_000000)]
    [InlineData("1.7324E+12", 1732400000_000000)]
    [InlineData("17324000001234567e-7", 1732400000_123456)]
    [InlineData("0.00017324e13", 1732400000_000000)]
    public void A_timestamp_is_in_seconds_or_milliseconds(string text, long expected) =>
        Assert.Equal(expected, Parsing.ParseGood(Parsing.At(text)).Timestamp);

    [Theory]
    [InlineData("1732399199.9999999", 1732399199_999999)]
    [InlineData("1732399199.99999999999999999999999999999999999999999", 1732399199_999999)]
    [InlineData("1732399199999.99999", 1732399199_999999)]
    [InlineData("1732400000.1234569", 1732400000_123456)]
    public void A_timestamp_is_cut_to_the_microsecond_below_so_that_it_stays_in_its_window(string text, long expected) =>
        Assert.Equal(expected, Parsing.ParseGood(Parsing.At(text)).Timestamp);

    [Fact]
    public void The_times_accepted_are_configurable_and_inclusive()
    {
        var parser = new ReadingParser(
            MeasurementSet.Default, new() { Earliest = DateTimeOffset.UnixEpoch.AddSeconds(-10), MaxAhead = TimeSpan.FromSeconds(5) });
        RejectReason At(string timestamp) => parser.Parse(Encoding.UTF8.GetBytes(Parsing.At(timestamp)), Parsing.Now, out _);
        Assert.Equal(RejectReason.None, At("-10"));
        Assert.Equal(RejectReason.InvalidTimestamp, At("-10.000001"));
        Assert.Equal(RejectReason.InvalidTimestamp, At("-10.0000001"));
        Assert.Equal(RejectReason.None, At($"{Parsing.NowSeconds + 5}"));
        Assert.Equal(RejectReason.None, At($"{Parsing.NowSeconds + 5}.0000009"));
        Assert.Equal(RejectReason.InvalidTimestamp, At($"{Parsing.NowSeconds + 5}.000001"));
    }

    [Fact]
    public void Before_the_epoch_a_timestamp_is_cut_downwards_too()
    {
        var parser = new ReadingParser(MeasurementSet.Default, new() { Earliest = DateTimeOffset.UnixEpoch.AddSeconds(-10) });
        Assert.Equal(RejectReason.None, parser.Parse(Encoding.UTF8.GetBytes(Parsing.At("-1.0000001")), Parsing.Now, out var reading));
        Assert.Equal(-1_000_001, reading.Timestamp);
    }

    [Fact]
    public void By_default_times_from_2000_to_an_hour_from_now_are_accepted()
    {
        Assert.Equal(RejectReason.None, Parsing.ReasonFor(Parsing.At("946684800")));
        Assert.Equal(RejectReason.InvalidTimestamp, Parsing.ReasonFor(Parsing.At("946684799.999999")));
        Assert.Equal(RejectReason.None, Parsing.ReasonFor(Parsing.At($"{Parsing.NowSeconds + 3600}")));
        Assert.Equal(RejectReason.InvalidTimestamp, Parsing.ReasonFor(Parsing.At($"{Parsing.NowSeconds + 3601}")));
    }

    [Fact]
    public void A_moment_whose_window_has_no_name_is_never_accepted()
    {
        var parser = new ReadingParser(MeasurementSet.Default, new() { Earliest = DateTimeOffset.MinValue, MaxAhead = TimeSpan.MaxValue });
        RejectReason At(string timestamp) => parser.Parse(Encoding.UTF8.GetBytes(Parsing.At(timestamp)), Parsing.Now, out _);
        Assert.Equal(RejectReason.None, At("-61000000000"));
        Assert.Equal(RejectReason.InvalidTimestamp, At("-62135596800"));
        Assert.Equal(RejectReason.None, At("253000000000000"));
        Assert.Equal(RejectReason.InvalidTimestamp, At("253402300799000"));
    }

    [Fact]
    public void Whatever_is_above_ten_to_the_eleventh_is_milliseconds()
    {
        var parser = new ReadingParser(MeasurementSet.Default, new() { Earliest = DateTimeOffset.UnixEpoch, MaxAhead = TimeSpan.MaxValue });
        long At(string timestamp)
        {
            Assert.Equal(RejectReason.None, parser.Parse(Encoding.UTF8.GetBytes(Parsing.At(timestamp)), Parsing.Now, out var reading));
            return reading.Timestamp;
        }

        Assert.Equal(100_000_000_000_000_000, At("100000000000"));
        Assert.Equal(100_000_000_000_000_000, At("100000000000.000000"));
        Assert.Equal(100_000_000_000_000, At("100000000000.0000001"));
        Assert.Equal(100_000_000_001_000, At("100000000001"));
    }

    [Fact]
    public void A_negative_allowance_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ReadingParser(MeasurementSet.Default, new() { MaxAhead = TimeSpan.FromTicks(-1) }));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-1732400000")]
    [InlineData("-1732400000000")]
    [InlineData("100000000000")] // 10¹¹ is still seconds
    [InlineData("100000000000.0000001")] // and this is milliseconds, in 1973
    [InlineData("1732400000000000")] // microseconds
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("1e-999")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1e-99999999999999999999")]
    [InlineData("1.7324e4294967305")] // an exponent of 9 in 32 bits
    [InlineData("18448476473709551.616")] // a good number of microseconds in 64 bits
    [InlineData("9223372036854775807")]
    [InlineData("9999999999999999999999999999999999999999")]
    [InlineData("\"1732400000\"")]
    [InlineData("\"2024-11-23T22:13:20Z\"")]
    [InlineData("true")]
    [InlineData("[1732400000]")]
    [InlineData("{}")]
    public void Refuses_every_other_timestamp(string text) =>
        Assert.Equal(RejectReason.InvalidTimestamp, Parsing.ReasonFor(Parsing.At(text)));
}
