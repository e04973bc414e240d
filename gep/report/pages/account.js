const accountExplanation = () => null;
