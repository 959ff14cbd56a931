using System.CommandLine;
using GrainSensors.Csv;

namespace GrainSensors.Tests.Csv;

/// <summary>The options of the commands that read CSV.</summary>
public sealed class CsvOptionsTests
{
    [Theory]
    [InlineData("utf-8", 65001)]
    [InlineData("windows-1252", 1252)]
    [InlineData("windows-1250", 1250)]
    [InlineData("iso-8859-15", 28605)]
    [InlineData("latin9", 28605)]
    [InlineData("cp850", 850)]
    [InlineData("shift_jis", 932)]
    [InlineData("gb18030", 54936)]
    public void Any_encoding_of_NET_can_be_named(string name, int codePage)
    {
        var (options, result) = Parse(name);

        Assert.Empty(result.Errors);
        Assert.Equal(codePage, options.Of(result).Encoding!.CodePage);
    }

    [Theory]
    [InlineData("utf-7")]
    [InlineData("klingon")]
    public void An_unknown_encoding_is_refused(string name)
    {
        var (_, result) = Parse(name);

        Assert.Equal(
            $"--encoding must be an encoding such as utf-8 or windows-1252; got \"{name}\".", Assert.Single(result.Errors).Message);
    }

    private static (CsvOptions Options, ParseResult Result) Parse(string encoding)
    {
        var options = new CsvOptions();
        return (options, new Command("read") { options.Columns, options.Encoding }.Parse(["--encoding", encoding]));
    }
}
