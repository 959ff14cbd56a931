using System.Globalization;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>What sensors, devices and people have written controls no terminal and hides in no line, whichever command prints it.</summary>
[Trait("Category", "System")]
public sealed class ForeignTextTests : IDisposable
{
    private const int Texts = 200;

    private static readonly string[] Hostile =
    [
        "\e[31m", "\e]0;title\a", "\u009b2J", "\r", "\n", "\b", "\u007f", "\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad",
        "\u2028", "[red]", "Ada", "漢", "😀", "=1+1", "\"", "<b>", "\udb40\udc41",
    ];

    private readonly TemporaryDirectory _folder = new();

    private string File => _folder.File("windows.db");

    [Theory]
    [InlineData("sensors", "list")]
    [InlineData("sensors", "list", "--json")]
    [InlineData("silence", "list")]
    [InlineData("silence", "list", "--json")]
    [InlineData("session", "list")]
    [InlineData("session", "list", "--json")]
    [InlineData("report", "--date", "2026-01-01")]
    [InlineData("report", "--date", "2026-01-01", "--format", "json")]
    public async Task Every_list_is_safe_to_print(params string[] command)
    {
        var seed = Environment.TickCount;
        await WriteAsync(new Random(seed));

        var result = await Executable.RunAsync([.. command, "--store", $"sqlite:{File}"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        var wrong = result.Output.EnumerateRunes().Where(IsHostile).Select(rune => $"U+{rune.Value:X4}").Distinct();
        Assert.True(!wrong.Any(), $"seed {seed}: {string.Join(' ', wrong)}");
        Assert.Contains("\\u202e", result.Output, StringComparison.Ordinal);
        if (command.Contains("json") || command.Contains("--json"))
        {
            JsonDocument.Parse(result.Output).Dispose();
        }
        else
        {
            Assert.InRange(result.Output.Split('\n').Length, Texts, 2 * Texts);
        }
    }

    [Theory]
    [InlineData(false, "1,'=cmd|calc,'@x,")]
    [InlineData(true, "1,=cmd|calc,@x,")]
    public async Task A_formula_reaches_no_spreadsheet_unless_it_is_wanted(bool keeps, string expected)
    {
        await WithStoreAsync(store => store.Sensors.WriteAsync([new(1, "=cmd|calc", "@x")], TestContext.Current.CancellationToken));

        string[] option = keeps ? ["--keep-formulas"] : [];
        var result = await Executable.RunAsync(
            ["report", "--date", "2026-01-01", "--format", "csv", "--store", $"sqlite:{File}", .. option]);

        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task WriteAsync(Random random) => WithStoreAsync(async store =>
    {
        var stop = TestContext.Current.CancellationToken;
        var now = EpochTime.Now(TimeProvider.System);
        var texts = Enumerable.Range(0, Texts).Select(i => i == 0 ? "\u202e" : Text(random)).ToList();
        await store.Sensors.WriteAsync([.. texts.Select((text, id) => new RegisteredSensor(id, text, Text(random)))], stop);
        foreach (var text in texts)
        {
            var end = now + (3600 * EpochTime.MicrosPerSecond);
            await store.Silences.AddAsync(new(Guid.CreateVersion7(), 7, now, end, text, Text(random)), stop);
            var id = Guid.CreateVersion7();
            await store.Access.Sessions.AddAsync(
                id.ToString("N"), new(id, text, IsAdmin: false, KeyHash: null, Text(random)), TimeSpan.FromHours(1), stop);
        }
    });

    private async Task WithStoreAsync(Func<SqliteWindowStore, Task> work)
    {
        await using var store = new SqliteWindowStore(File);
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        await work(store);
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Hostile[random.Next(Hostile.Length)]));

    private static bool IsHostile(Rune rune) => rune.Value != '\n' && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
