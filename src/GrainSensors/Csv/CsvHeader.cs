using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Csv;

/// <summary>Finds columns by the names in the header, in any case, and by <c>--columns</c>.</summary>
internal sealed class CsvHeader
{
    /// <summary>Further names of a header are not shown in messages.</summary>
    private const int MaxShown = 20;

    private readonly string _file;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<string> _columns;
    private readonly Dictionary<string, int> _places = [];

    /// <param name="names">The names in the header.</param>
    /// <param name="mapping">Names of the header by column.</param>
    /// <param name="columns">The columns that the command reads.</param>
    /// <exception cref="UsageException">The header has a name twice, or the mapping names what does not exist.</exception>
    public CsvHeader(
        string file, IReadOnlyList<string> names, IReadOnlyDictionary<string, string> mapping, IReadOnlyList<string> columns)
    {
        (_file, _names, _columns) = (file, names, columns);
        var twice = names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new UsageException($"{file} has two columns {CsvValue.Quote(twice.Key)}; rename one.");
        }

        foreach (var (column, name) in mapping)
        {
            var known = columns.FirstOrDefault(known => known.Equals(column, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException(
                    $"--columns must name {string.Join(", ", columns)}; got {CsvValue.Quote(column)}.");
            var place = PlaceOf(name);
            if (place < 0)
            {
                throw new UsageException($"{file} has no column {CsvValue.Quote(name)}, which --columns names. Its columns are {Names()}.");
            }

            if (_places.ContainsValue(place))
            {
                throw new UsageException($"--columns names the column {CsvValue.Quote(name)} twice; give each column once.");
            }

            _places.Add(known, place);
        }

        var mapped = _places.Values.ToHashSet();
        foreach (var column in columns.Where(column => !_places.ContainsKey(column)))
        {
            if (PlaceOf(column) is >= 0 and var place && !mapped.Contains(place))
            {
                _places.Add(column, place);
            }
        }
    }

    public int Count => _names.Count;

    /// <returns>The place of the column; −1: the file does not have it.</returns>
    public int Find(string column) => _places.GetValueOrDefault(column, -1);

    /// <param name="columns">Groups of columns; the file needs one column of each group.</param>
    /// <exception cref="UsageException">The file lacks a group. The message proposes <c>--columns</c> from the header.</exception>
    public void Require(params IReadOnlyList<IReadOnlyList<string>> columns)
    {
        var missing = columns.Where(group => group.All(column => Find(column) < 0)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var proposals = ColumnSynonyms.Propose(
            _columns.Where(column => Find(column) < 0), _names.Where((_, i) => !_places.ContainsValue(i)));
        var cure = missing.TrueForAll(group => group.Any(proposals.ContainsKey))
            ? $"If the names mean the same, add --columns {ColumnSynonyms.ToArgument(proposals)}"
            : $"Name the columns with --columns {string.Join(',', missing.Select(group => Assignment(group, proposals)))}";
        throw new UsageException(
            $"{_file} has no column {string.Join(" and no column ", missing.Select(group => string.Join(" or ", group)))}; "
            + $"its columns are {Names()}. {cure}");
    }

    private static string Assignment(IReadOnlyList<string> group, Dictionary<string, string> proposals) =>
        group.FirstOrDefault(proposals.ContainsKey) is { } column
            ? ColumnSynonyms.ToArgument(new Dictionary<string, string> { [column] = proposals[column] })
            : $"{group[0]}=NAME";

    private int PlaceOf(string name)
    {
        for (var i = 0; i < _names.Count; i++)
        {
            if (_names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private string Names() => string.Join(", ", _names.Take(MaxShown).Select(name => PrintableText.Escape(name, CsvValue.Width)))
        + (_names.Count > MaxShown ? ", …" : "");
}
