using CsCheck;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class MarksTests
{
    private static readonly Guid Topic = new("7a6b5c4d-0000-0000-0000-000000000001");

    /// <summary>Few sources, so that raises meet each other.</summary>
    private static readonly Gen<SourceId> AnySource =
        Gen.Select(Gen.OneOf(Topic, Guid.Empty, new("ffffffff-ffff-ffff-ffff-ffffffffffff")), Gen.OneOf(0, 1, 127, 128, int.MaxValue))
            .SelectMany(known => Gen.OneOf(0, 0, 1, 300).Select(incarnation => new SourceId(known.Item1, known.Item2, incarnation)));

    private static readonly Gen<long> AnyOffset = Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, long.MaxValue]);

    private static readonly Gen<Mark[]> Raises =
        Gen.Select(AnySource, AnyOffset).Select((source, offset) => new Mark(source, offset)).Array[0, 12];

    private static readonly Gen<Marks> AnyMarks = Raises.Select(Raise);

    [Fact]
    public void A_mark_is_the_greatest_offset_it_was_raised_to() =>
        Gen.Select(Raises, AnySource).Sample((raises, source) =>
            Raise(raises)[source] == raises.Where(r => r.Source == source).Select(r => r.Offset).DefaultIfEmpty(Marks.None).Max());

    [Fact]
    public void Raising_one_source_leaves_the_others_and_the_original_alone() =>
        Gen.Select(AnyMarks, AnySource, AnyOffset).Sample((marks, source, offset) =>
        {
            var before = marks.ToArray();
            var raised = marks.Raise(source, offset);
            return marks.ToArray().SequenceEqual(before)
                && before.Where(m => m.Source != source).All(m => raised[m.Source] == m.Offset)
                && raised[source] == Math.Max(offset, marks[source]);
        });

    [Fact]
    public void Raising_the_only_source_allocates_nothing()
    {
        var source = new SourceId(Topic, 3);
        var marks = Marks.Empty.Raise(source, 0).Raise(source, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var offset = 2; offset < 100; offset++)
        {
            marks = marks.Raise(source, offset);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(99, marks[source]);
    }

    [Fact]
    public void Bytes_read_back() =>
        AnyMarks.Sample(
            marks => Marks.Parse(marks.ToBytes()) == marks && Marks.Parse(marks.ToBytes()).ToBytes().SequenceEqual(marks.ToBytes()));

    [Fact]
    public void The_bytes_are_those_that_rows_already_hold()
    {
        var marks = Marks.Empty.Raise(new(new("00112233-4455-6677-8899-aabbccddeeff"), 5), 300);
        Assert.Equal("0100112233445566778899AABBCCDDEEFF05AC02", Convert.ToHexString(marks.ToBytes()));
        Assert.Equal("01", Convert.ToHexString(Marks.Empty.ToBytes()));
        marks = marks.Raise(new(Guid.Empty, 1, 200), 7);
        Assert.Equal(
            "0200112233445566778899AABBCCDDEEFF0500AC020000000000000000000000000000000001C80107", Convert.ToHexString(marks.ToBytes()));
    }

    [Fact]
    public void Bytes_that_are_cut_short_are_refused_or_lack_whole_marks() =>
        Gen.Select(Raises, Gen.OneOf(0, 300)).Sample((raises, incarnation) =>
        {
            // The version depends on all marks.
            var marks = Raise([.. raises.Select(mark => mark with { Source = mark.Source with { Incarnation = incarnation } })]);
            var bytes = marks.ToBytes();
            var whole = marks.ToArray();
            var boundaries = Enumerable.Range(0, whole.Length).Select(n => Raise(whole[..n]).ToBytes().Length).ToHashSet();
            for (var length = 1; length < bytes.Length; length++)
            {
                var cut = bytes[..length];
                if (boundaries.Contains(length))
                {
                    Assert.True(Marks.Parse(cut).ToArray().Length < whole.Length);
                }
                else
                {
                    Assert.Contains("cut short", Assert.Throws<FormatException>(() => Marks.Parse(cut)).Message, StringComparison.Ordinal);
                }
            }
        });

    [Fact]
    public void Bytes_of_an_unknown_version_are_refused()
    {
        var bytes = Marks.Empty.Raise(new(Topic, 0), 1).ToBytes();
        bytes[0] = 3;
        Assert.Contains(
            "this release reads versions 1 and 2",
            Assert.Throws<FormatException>(() => Marks.Parse(bytes)).Message,
            StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Marks.Parse([]));
    }

    [Fact]
    public void A_number_that_never_ends_is_refused() =>
        Assert.Throws<FormatException>(() => Marks.Parse([1, .. new byte[16], 0, .. Enumerable.Repeat((byte)0xFF, 20)]));

    [Fact]
    public void Marks_are_equal_in_any_order() =>
        Gen.Select(
            Gen.Shuffle(Enumerable.Range(0, 5).Select(i => new Mark(new(Topic, i), i * 10)).ToArray()),
            Gen.Int[0, 4]).Sample((shuffled, changed) =>
        {
            var sorted = Raise([.. shuffled.OrderBy(m => m.Source.Partition)]);
            var marks = Raise(shuffled);
            var other = marks.Raise(new(Topic, changed), 1000);
            return marks == sorted && marks.GetHashCode() == sorted.GetHashCode() && marks.Equals((object)sorted)
                && marks != other && other != marks && marks != Raise(shuffled[1..]) && Raise(shuffled[1..]) != marks;
        });

    [Fact]
    public void The_maximum_takes_the_greater_of_each_source() =>
        Gen.Select(AnyMarks, AnyMarks, AnySource).Sample((a, b, source) =>
            a.Max(b)[source] == Math.Max(a[source], b[source]) && a.Max(b) == b.Max(a) && a.Max(a) == a);

    [Fact]
    public void Nothing_is_marked_at_first()
    {
        Assert.Equal(Marks.None, Marks.Empty[new(Topic, 0)]);
        Assert.Empty(Marks.Empty.ToArray());
        Assert.NotEqual(Marks.Empty, Marks.Empty.Raise(default, 0));
    }

    [Fact]
    public void A_log_that_was_truncated_is_another_source()
    {
        var source = new SourceId(Topic, 3, 4);
        var marks = Marks.Empty.Raise(source, 1000);
        Assert.Equal(Marks.None, marks[source with { Incarnation = 5 }]);
        Assert.True(marks.AnyIncarnationOf(source with { Incarnation = 5 }));
        Assert.False(marks.AnyIncarnationOf(source with { Partition = 4 }));
        Assert.Equal(marks, marks.WithoutOlderThan(source with { Incarnation = 8 }, 4));
        Assert.Equal(Marks.Empty, marks.WithoutOlderThan(source with { Incarnation = 9 }, 4));
    }

    [Fact]
    public void A_topic_that_was_created_again_is_another_source()
    {
        var marks = Marks.Empty.Raise(new(Topic, 3), 1000);
        Assert.Equal(Marks.None, marks[new(Guid.Empty, 3)]);
        Assert.Equal(Marks.None, marks[new(Topic, 2)]);
    }

    private static Marks Raise(Mark[] raises) => raises.Aggregate(Marks.Empty, (marks, r) => marks.Raise(r.Source, r.Offset));
}
