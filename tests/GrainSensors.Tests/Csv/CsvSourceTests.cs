using System.IO.Compression;
using System.Text;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Tests.Csv;

/// <summary>Encodings, gzip and pipes.</summary>
public sealed class CsvSourceTests
{
    private const string Text = "sensor_id,city\n51,Málaga\n52,Logroño €\n";
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    public static TheoryData<string> Encodings =>
    [
        "utf-8", "utf-8 with mark", "utf-16", "utf-16 without mark", "utf-16BE", "utf-16BE without mark", "windows-1252", "utf-32",
        "utf-32BE",
    ];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void The_encoding_is_found_by_the_bytes(string encoding)
    {
        foreach (var piece in new[] { 1, 7, int.MaxValue })
        {
            var source = CsvText.Source(Encode(encoding), piece: piece);

            Assert.Equal(["sensor_id¦city", "51¦Málaga", "52¦Logroño €"], CsvText.Records(source).Select(record => record.Fields));
            Assert.Equal(encoding == "windows-1252", source.HasWindows1252);
            Assert.Null(source.Progress);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Gzip_is_found_by_the_bytes(string encoding)
    {
        var packed = Pack(Encode(encoding));

        Assert.Equal("51¦Málaga", CsvText.Records(CsvText.Source(packed, piece: 1))[1].Fields);
    }

    [Fact]
    public void The_encoding_can_be_given()
    {
        var bytes = Encoding.GetEncoding("iso-8859-1").GetBytes("1,\u00c3\u00a9\n"); // also valid UTF-8

        Assert.Equal("1¦é", CsvText.Records(CsvText.Source(bytes))[0].Fields);
        Assert.Equal("1¦Ã©", CsvText.Records(CsvText.Source(bytes, Windows1252))[0].Fields);
    }

    [Fact]
    public void A_byte_order_mark_outweighs_the_given_encoding() =>
        Assert.Equal("51¦Málaga", CsvText.Records(CsvText.Source(Encode("utf-8 with mark"), Windows1252))[1].Fields);

    [Fact]
    public void Bytes_that_the_given_encoding_does_not_have_are_told()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

        var failure = Assert.Throws<UsageException>(() => CsvText.Records(CsvText.Source(Encode("windows-1252"), strict)));

        Assert.Equal("readings.csv has bytes that are not utf-8; give another --encoding.", failure.Message);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_gzip_that_ends_early_is_told_and_no_line_of_it_is_made_up(CompressionLevel level)
    {
        var lines = Enumerable.Range(0, 20_000)
            .Select(i => FormattableString.Invariant($"7,{1_700_000_000 + i},{i * 7919 % 3001 / 100.0}")).ToList();
        var packed = Pack(string.Join('\n', lines), level);
        for (var cut = 1; cut < packed.Length; cut += 1 + (packed.Length / 50))
        {
            var count = 0;

            var failure = Assert.Throws<UsageException>(() =>
            {
                var records = new CsvRecords(CsvText.Source(packed[..^cut]));
                while (records.Read())
                {
                    var fields = Enumerable.Range(0, records.Count).Select(i => records[i].ToString());
                    Assert.Equal(lines[count++], string.Join(',', fields));
                }
            });

            Assert.Equal(
                "Cannot read readings.csv: the gzip data are damaged, end early, or are followed by other bytes.", failure.Message);
        }
    }

    [Fact]
    public void Gzip_files_that_were_joined_are_one_text() =>
        Assert.Equal(
            ["1¦2", "3¦4"],
            CsvText.Records(CsvText.Source([.. Pack("1,2\n"), .. Pack("3,4\n")])).Select(record => record.Fields));

    [Fact]
    public void A_workbook_is_told()
    {
        var failure = Assert.Throws<UsageException>(() => CsvText.Source("PK\u0003\u0004 and so on"));

        Assert.Equal("readings.csv is a ZIP archive or an Excel workbook; save it as CSV.", failure.Message);
    }

    [Fact]
    public void A_file_tells_how_much_of_it_was_read()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("long.csv"), string.Concat(Enumerable.Repeat("7,1700000000,20\n", 50_000)));
        using var source = new CsvSource(folder.File("long.csv"), null);
        var records = new CsvRecords(source);
        records.Read();

        Assert.InRange(source.Progress!.Value, 0.01, 0.5);
        while (records.Read())
        {
        }

        Assert.Equal(1, source.Progress);
    }

    private static byte[] Pack(string text, CompressionLevel level = CompressionLevel.Fastest) => Pack(Encoding.UTF8.GetBytes(text), level);

    private static byte[] Pack(byte[] bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Encode(string encoding) => encoding switch
    {
        "utf-8" => Encoding.UTF8.GetBytes(Text),
        "utf-8 with mark" => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)],
        "utf-16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)],
        "utf-16 without mark" => Encoding.Unicode.GetBytes(Text),
        "utf-16BE" => [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)],
        "utf-16BE without mark" => Encoding.BigEndianUnicode.GetBytes(Text),
        "utf-32" => [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Text)],
        "utf-32BE" => [0, 0, 0xFE, 0xFF, .. new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetBytes(Text)],
        _ => Windows1252.GetBytes(Text),
    };
}
