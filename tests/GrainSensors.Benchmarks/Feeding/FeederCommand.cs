using System.CommandLine;
using System.Globalization;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// Writes the log while others read it, as a process of its own: what it uses is not counted for whom is measured. Its
/// standard input tells it to begin, and then how far the readers are; its end is the feeder's.
/// </summary>
internal static class FeederCommand
{
    public const string Name = "feeder";
    public const string Go = "go";
    public const string Ready = "ready";
    public const string Begun = "begun";

    public static Command Create()
    {
        var kafka = new Option<string>("--kafka") { Required = true };
        var topic = new Option<string>("--topic") { Required = true };
        var file = new Option<string?>("--file");
        var sensors = new Option<int>("--sensors");
        var from = new Option<long>("--from");
        var command = new Command(Name, "Writes a log that others read meanwhile, a process of its own.") { kafka, topic, file, sensors, from };
        command.Hidden = true;
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(kafka), parsed.GetRequiredValue(topic), parsed.GetValue(file), parsed.GetValue(sensors), parsed.GetValue(from)));
        return command;
    }

    /// <param name="file">Of batches; null: they are made on the way, without end.</param>
    private static int Run(string kafka, string topic, string? file, int sensors, long from)
    {
        using var leaders = new Leaders(kafka, topic);
        var room = new PartitionRoom(leaders.Partitions);
        var batches = file is not null
            ? BatchFile.Read(file)
            : new BatchSequence(new(sensors, from), sensors, leaders.Partitions).Take(long.MaxValue);
        Console.WriteLine(Ready);
        if (Console.ReadLine() != Go)
        {
            return 0;
        }

        new Thread(() => Listen(room)) { IsBackground = true, Name = "positions" }.Start();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Begun} {(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds:0}"));
        try
        {
            new Feeder(leaders, room).Send(batches);
        }
        catch (OperationCanceledException)
        {
            // Whoever started this has seen enough.
        }

        return 0;
    }

    private static void Listen(PartitionRoom room)
    {
        while (Console.ReadLine() is { } line)
        {
            room.Read(Array.ConvertAll(line.Split(' '), text => long.Parse(text, CultureInfo.InvariantCulture)));
        }

        room.End();
    }
}
