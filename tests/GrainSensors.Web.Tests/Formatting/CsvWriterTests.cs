using System.Globalization;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Tests.Formatting;

/// <summary>Quotes and numbers in CSV.</summary>
public sealed class CsvWriterTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Berlin, Tempelhof", "\"Berlin, Tempelhof\"")]
    [InlineData("5\" pipe", "\"5\"\" pipe\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public async Task A_field_is_quoted_where_it_would_end_early(string? text, string field)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        await new CsvWriter(output).Add(text).Add("end").EndLineAsync();
        Assert.Equal($"{field},end\n", output.ToString());
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-9 apples", "'-9 apples")]
    [InlineData("'=1", "''=1")]
    [InlineData("'s-Gravenhage", "'s-Gravenhage")]
    [InlineData("-9000000000", "-9000000000")]
    [InlineData("-3.75", "-3.75")]
    [InlineData("-", "'-")]
    public async Task A_formula_is_escaped_and_a_negative_number_is_none(string text, string field)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        await new CsvWriter(output).Add(text).EndLineAsync();
        Assert.Equal($"{field}\n", output.ToString());
    }

    [Fact]
    public async Task A_number_reads_back_as_the_same_double_and_an_unknown_one_is_empty()
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        var csv = new CsvWriter(output);
        await csv.Add(0.1 + 0.2).Add((double?)null).Add(1_234_567L).Add(true).EndLineAsync();
        await csv.Add(7).EndLineAsync();
        Assert.Equal("0.30000000000000004,,1234567,true\n7\n", output.ToString());
    }
}
