using System.Globalization;
using System.Text.Json;

namespace GrainSensors.Benchmarks.Handover;

/// <summary>Prints the moves as they come, and their medians.</summary>
internal sealed class HandoverReport(int sensors, string cluster, bool json)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
    private static readonly string[] Columns =
    [
        "silo 1", "moved", "reaction", "hand-over", "ownerless", "first", "active",
        "caught up", "activations", "pause", "rewinds", "stalls",
    ];

    private readonly List<Move> _moves = [];
    private double _usual;

    public void Begin() => Say($"{sensors:N0} sensors, one reading a second each, two silos, {cluster}");

    /// <param name="delay">The longest one while nothing moves.</param>
    public void Usual(TimeSpan delay)
    {
        _usual = delay.TotalSeconds;
        Say($"While nothing moves a reading is durable after {_usual:0.0} s at most.");
        Say($"first, active, caught up: from the assignment on. pause: from Kafka's acknowledgement to a durable row at most.\n");
        Say($"{"round",-7}{Line(Columns)}");
    }

    public void Add(int round, Move move)
    {
        _moves.Add(move);
        Say($"{round,-7}{Line(Cells(move))}");
    }

    public void End()
    {
        var medians = _moves.GroupBy(move => move.Silo).Select(group => Median([.. group])).ToList();
        medians.ForEach(move => Say($"{"median",-7}{Line(Cells(move))}"));
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { sensors, cluster, usual = _usual, moves = _moves, medians }, Json));
        }
    }

    private void Say(FormattableString text)
    {
        if (!json)
        {
            Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string Line(IEnumerable<string> cells) => string.Concat(cells.Select(cell => cell.PadLeft(13)));

    private static string[] Cells(Move move) =>
    [
        move.Silo, Whole(move.Partitions), Time(move.Reaction), Time(move.HandOver), Time(move.Ownerless),
        Time(move.FirstReadings), Time(move.Active),
        Time(move.CaughtUp), $"{Whole(move.ActivationsPerSecond)}/s", Time(move.Pause), Whole(move.Rewinds), Whole(move.Stalls),
    ];

    private static string Time(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static Move Median(IReadOnlyList<Move> moves)
    {
        return new(
            moves[0].Silo,
            (int)Of(move => move.Partitions),
            (int)Of(move => move.Released),
            Of(move => move.Reaction),
            Of(move => move.HandOver),
            Of(move => move.Ownerless),
            Of(move => move.FirstReadings),
            Of(move => move.Active),
            Of(move => move.CaughtUp),
            (int)Of(move => move.Activated),
            Of(move => move.ActivationsPerSecond),
            Of(move => move.Pause),
            (int)Of(move => move.Rewinds),
            (int)Of(move => move.Stalls));

        double Of(Func<Move, double> value) => moves.Select(value).Order().ElementAt(moves.Count / 2);
    }
}
