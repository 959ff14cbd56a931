using System.Text;
using CsCheck;
using GrainSensors.Csv;

namespace GrainSensors.Tests.Csv;

/// <summary>Records of CSV with quotes, line ends and faults.</summary>
public sealed class CsvRecordsTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Const("a"), Gen.Const(","), Gen.Const("\""), Gen.Const("\n"), Gen.Const("\r"), Gen.Const(" "), Gen.Const("é"))
        .Array[0, 20].Select(string.Concat);

    private const string Misplaced = "a quote is unclosed or misplaced";

    [Theory]
    [InlineData("a,b\nc,d\n", "a¦b", "c¦d")]
    [InlineData("a,b\r\nc,d", "a¦b", "c¦d")]
    [InlineData("a,b\rc,d\r", "a¦b", "c¦d")]
    [InlineData("a,,\n,\n", "a¦¦", "¦")]
    [InlineData("\n\na\n", "", "", "a")]
    [InlineData("\"a,b\",\"c\"\"d\"\n", "a,b¦c\"d")]
    [InlineData("\"\"\"a\"\"\",\"\"\n", "\"a\"¦")]
    [InlineData("a, \"b\" ,c\n", "a¦b¦c")]
    [InlineData("\"a\nb\",c\nd,e\n", "a\nb¦c", "d¦e")]
    [InlineData("\"a\r\n\r\nb\"\r\nd\r\n", "a\r\n\r\nb", "d")]
    [InlineData("\"a\"", "a")]
    public void Fields_may_be_quoted_and_contain_delimiters_quotes_and_line_ends(string text, params string[] records)
    {
        foreach (var piece in new[] { 1, 2, 3, int.MaxValue })
        {
            Assert.Equal(records, CsvText.Records(CsvText.Source(text, piece: piece)).Select(record => record.Fields));
        }
    }

    [Theory]
    [InlineData("7,\"20.1\n8,20.2\n9,20.3\n")]
    [InlineData("7,20\"1\n8,20.2\n9,20.3\n")]
    [InlineData("7,\"20\"1\n8,20.2\n9,20.3\n")]
    [InlineData("7,\"20.1\n8,20.2\n9,20.3")]
    public void A_line_with_a_wrong_quote_costs_no_other_line(string text) =>
        Assert.Equal(
            [(1L, Misplaced), (2L, "8¦20.2"), (3L, "9¦20.3")],
            CsvText.Records(CsvText.Source(text)));

    [Fact]
    public void A_wrong_quote_is_not_closed_by_a_good_one_further_down() =>
        Assert.Equal(
            [(1L, Misplaced), (2L, "8¦20.2"), (3L, "9¦Sur, 2"), (4L, "10¦a\nb"), (6L, "11¦c")],
            CsvText.Records(CsvText.Source("7,\"20.1\n8,20.2\n9,\"Sur, 2\"\n10,\"a\nb\"\n11,c\n")));

    [Fact]
    public void A_record_has_the_number_of_its_first_line() =>
        Assert.Equal(
            [(1L, "a"), (2L, "b\nc\r\nd"), (5L, "e"), (6L, ""), (7L, "f")],
            CsvText.Records(CsvText.Source("a\n\"b\nc\r\nd\"\ne\n\nf\n")));

    [Fact]
    public void A_line_that_is_too_long_is_one_error_and_takes_little_memory()
    {
        var text = $"a,b\n7,{new string('x', 30 * CsvRecords.MaxLength)}\nc,d\n";
        var source = CsvText.Source(text);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal([(1L, "a¦b"), (2L, "the line is longer than 1 MiB"), (3L, "c¦d")], CsvText.Records(source));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 * CsvRecords.MaxLength);
    }

    [Fact]
    public void A_quote_that_is_never_closed_takes_little_memory_and_costs_one_line()
    {
        var rest = string.Concat(Enumerable.Repeat("8,20.2\n", CsvRecords.MaxLength));
        var records = CsvText.Records(CsvText.Source("7,\"20.1\n" + rest));

        Assert.Equal(CsvRecords.MaxLength + 1, records.Count);
        Assert.Equal((1, Misplaced), records[0]);
        Assert.All(records.Skip(1), record => Assert.Equal("8¦20.2", record.Fields));
    }

    [Fact]
    public void A_long_record_of_many_quoted_lines_is_an_error_of_its_first_line()
    {
        var text = "7,\"" + new string('x', 100) + "\n" + new string('y', 4 * CsvRecords.MaxLength) + "\"\n8,9\n";

        var records = CsvText.Records(CsvText.Source(text));

        Assert.Equal([(1, Misplaced), (2, "the line is longer than 1 MiB"), (3, "8¦9")], records);
    }

    [Fact]
    public void More_records_than_the_buffer_holds_are_all_read()
    {
        var lines = Enumerable.Range(0, 200_000).Select(i => FormattableString.Invariant($"{i},{i % 7},\"{i}\"")).ToList();

        var records = CsvText.Records(CsvText.Source(string.Join('\n', lines)));

        Assert.Equal(Enumerable.Range(0, 200_000).Select(i => (i + 1L, FormattableString.Invariant($"{i}¦{i % 7}¦{i}"))), records);
    }

    /// <summary>Whatever the fields are, what is written in quotes is read back.</summary>
    [Fact]
    public void Quoted_fields_are_read_back() =>
        Gen.Select(Text.Array[1, 4].Array[1, 5], Gen.Int[1, 9]).Sample((rows, piece) =>
        {
            var text = string.Join('\n', rows.Select(row => string.Join(',', row.Select(Quoted))));
            return CsvText.Records(CsvText.Source(text, piece: piece)).Select(record => record.Fields)
                .SequenceEqual(rows.Select(row => string.Join('¦', row)));
        });

    private static string Quoted(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>No text makes the reader throw, hang or lose the last line.</summary>
    [Fact]
    public void Any_text_is_read_to_its_end() =>
        Text.Sample(text =>
        {
            var records = CsvText.Records(CsvText.Source(Encoding.UTF8.GetBytes(text + "\nlast"), piece: 3));
            return records[^1].Fields.EndsWith("last", StringComparison.Ordinal) || records[^1].Fields == Misplaced;
        });
}
