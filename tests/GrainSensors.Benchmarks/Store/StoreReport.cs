using GrainSensors.Benchmarks.CommandLine;

namespace GrainSensors.Benchmarks.Store;

/// <summary>Prints what the stores made.</summary>
internal sealed class StoreReport(StoreRequest request, bool json)
{
    private readonly List<StoreFigures> _figures = [];

    public void Add(StoreFigures figures) => _figures.Add(figures);

    public void End()
    {
        if (json)
        {
            JsonText.Print(new { request, figures = _figures });
            return;
        }

        Console.WriteLine(FormattableString.Invariant($"{request.Rows:N0} rows by {request.Callers:N0} callers; rows a second"));
        TextTable.Print([
            ["store", "rows before", "new", "rewritten", "read"],
            .. _figures.Select(figures => new[]
            {
                figures.Store,
                figures.Before is { } before ? TextTable.Number(before) : "",
                TextTable.Number(figures.New),
                TextTable.Number(figures.Known),
                TextTable.Number(figures.Read),
            })]);
    }
}
