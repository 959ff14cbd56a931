using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Mapping;

/// <summary>A reading within its message, with everything that a mapping can take from them.</summary>
internal ref struct ReadingContext
{
    public SourceMessage Message;

    /// <summary>The unit of times that are numbers, if the message has one of its own; null: that of the mapping.</summary>
    public TimeUnit? TimeUnit;

    /// <summary>The document of the message.</summary>
    public ReadOnlySpan<byte> Document;

    public ReadOnlySpan<Slot> Slots;

    /// <summary>The reading; the document itself, if the message is one reading.</summary>
    public ReadOnlySpan<byte> Reading;

    public ReadOnlySpan<Slot> ReadingSlots;

    /// <summary>The member name of the reading; its place is in <see cref="Document"/>.</summary>
    public Slot Member;

    public ReadOnlySpan<byte> Topic;

    /// <summary>The parts of <see cref="Topic"/> that its pattern names.</summary>
    public ReadOnlySpan<Range> TopicParts;

    public readonly ref readonly Slot SlotOf(Place place) => ref (place.IsInReading ? ReadingSlots : Slots)[place.Slot];

    public readonly ReadOnlySpan<byte> TextOf(Place place) => SlotOf(place).In(place.IsInReading ? Reading : Document);
}
