using GrainSensors.Ingest.Status;
using GrainSensors.Terminal;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GrainSensors.Tests.Terminal;

/// <summary>The live table on screens of several sizes.</summary>
public sealed class LiveTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 13, 5, 11, TimeSpan.Zero);
    private static readonly WindowSoFar Window = new(new(2026, 11, 24, 13, 0, 0), new(2026, 11, 24, 13, 15, 0), 310, 20.254, 18.5, 22.75);

    [Fact]
    public void A_wide_screen_shows_everything()
    {
        var screen = Draw(Snapshot(3), 120, 40);

        Assert.Equal(
            """
            13:05:11 UTC  PT15M in sqlite:data/grainsensors.db, Kafka 127.0.0.1:9092
            1,021 readings/s, lag 7, checkpoint 4 s ago, 123,456 readings, 20 windows open, 40 closed
            3 sensors, 1 disconnected, 1 silent, 5 late

            sensor  temperature  humidity   age       window   count     mean      min      max  state
                 1        21.50     60.00   0 s  13:00–13:15     310    20.25    18.50    22.75  ok
                 2            –     60.00   0 s  13:00–13:15     310    20.25    18.50    22.75  disconnected
                 3        21.50     60.00   2 m  13:00–13:15     310    20.25    18.50    22.75  silent
            """,
            screen);
    }

    [Fact]
    public void A_narrow_screen_leaves_the_less_important_columns_out_and_wraps_nothing()
    {
        var screen = Draw(Snapshot(3), 60, 15).Split('\n');

        Assert.All(screen, line => Assert.True(line.Length <= 60, line));
        Assert.EndsWith("…", screen[0], StringComparison.Ordinal);
        Assert.Contains("sensor  temperature   age   count     mean  state", screen);
        Assert.Contains("     2            –   0 s     310    20.25  disconnected", screen);
    }

    [Fact]
    public void The_end_of_a_long_problem_can_be_read()
    {
        const string Problem = "The window store sqlite:/var/lib/data/a.db has no space left: SQLite Error 13: 'database or disk is full'.";
        var screen = Draw(Snapshot(3) with { Problems = [Problem] }, 60, 15);

        Assert.Contains(Problem, screen.Replace('\n', ' '), StringComparison.Ordinal);
        Assert.All(screen.Split('\n'), line => Assert.True(line.Length <= 60, line));
    }

    [Theory]
    [InlineData(120, 40)]
    [InlineData(80, 24)]
    [InlineData(60, 15)]
    [InlineData(20, 5)]
    [InlineData(3, 2)]
    public void A_thousand_sensors_never_outgrow_the_screen(int width, int height)
    {
        var screen = Draw(Snapshot(1000), width, height).Split('\n');

        Assert.True(screen.Length <= Math.Max(height, 3), $"{screen.Length} lines");
        Assert.All(screen, line => Assert.True(line.Length <= width, line));
        if (height >= 15)
        {
            var rows = screen.Count(line =>
                int.TryParse(line.TrimStart().Split(' ')[0], out _) && line.Contains("  ", StringComparison.Ordinal));
            Assert.Equal($"… and {1000 - rows} more", screen[^1]);
        }
    }

    [Fact]
    public void As_many_sensors_as_the_screen_holds_leave_no_line_for_more()
    {
        var screen = Draw(Snapshot(20), 120, 3 + 1 + 20).Split('\n');

        Assert.Equal(24, screen.Length);
        Assert.DoesNotContain(screen, line => line.Contains("more", StringComparison.Ordinal));
    }

    [Fact]
    public void Problems_are_red_one_line_each_and_the_log_is_among_them()
    {
        var snapshot = Snapshot(3) with
        {
            Problems = ["The store \"sqlite:x\" cannot\nbe written.", "The topic \"sensor-data\" did not take the reading: \e[31mdown"],
            Log = [new(Now, LogLevel.Warning, "Partition 1 waits and tries again")],
            Rows = [],
        };

        var screen = Draw(snapshot, 120, 40).Split('\n');
        Assert.Equal("The store \"sqlite:x\" cannot be written.", screen[3]);
        Assert.Equal("The topic \"sensor-data\" did not take the reading:  [31mdown", screen[4]);
        Assert.Equal("13:05:11 Partition 1 waits and tries again", screen[5]);

        var coloured = Draw(snapshot, 120, 40, ColorSystemSupport.Standard).Split('\n');
        Assert.Contains("\e[91mThe store", coloured[3], StringComparison.Ordinal);
        Assert.Contains("\e[93m13:05:11", coloured[5], StringComparison.Ordinal);
    }

    [Fact]
    public void A_sensor_that_has_not_reported_waits_without_values()
    {
        var row = new SensorRow(new(1, null), SensorState.Waiting, [double.NaN, double.NaN], null, null);
        var snapshot = Snapshot(1) with { Rows = [row], CheckpointAge = null };

        var screen = Draw(snapshot, 120, 40).Split('\n');
        Assert.Contains("no checkpoint yet", screen[1], StringComparison.Ordinal);
        Assert.Equal("     1            –         –     –            –       –        –        –        –  waiting", screen[^1]);
    }

    private static LiveSnapshot Snapshot(int sensors) => new(
        Now,
        "PT15M in sqlite:data/grainsensors.db, Kafka 127.0.0.1:9092",
        ["temperature", "humidity"],
        new IngestTotals(123_456, 5, 40, 0, 0, new()),
        Lag: 7,
        OpenWindows: 20,
        Rate: 1021,
        TimeSpan.FromSeconds(4),
        [],
        [],
        new(sensors, sensors / 3, sensors / 3),
        [.. Enumerable.Range(1, sensors).Select(Row)]);

    private static SensorRow Row(int id) => (id % 3) switch
    {
        2 => new(new(id, null), SensorState.Disconnected, [double.NaN, 60], TimeSpan.Zero, Window),
        0 => new(new(id, null), SensorState.Silent, [21.5, 60], TimeSpan.FromSeconds(130), Window),
        _ => new(new(id, null), SensorState.Ok, [21.5, 60], TimeSpan.Zero, Window),
    };

    private static string Draw(LiveSnapshot snapshot, int width, int height, ColorSystemSupport colours = ColorSystemSupport.NoColors)
    {
        var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new()
        {
            Ansi = colours == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colours,
            Out = new AnsiConsoleOutput(text),
        });
        (console.Profile.Width, console.Profile.Height) = (width, height);
        console.Write(LiveTable.Draw(snapshot, width, height));
        return text.ToString().ReplaceLineEndings("\n");
    }
}
